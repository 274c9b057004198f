/**
 * The filesystem server that MCP clients really use (@modelcontextprotocol/server-filesystem), over a folder of its own.
 * It runs inside that folder and is given ".", so that `read_text_file {"path": "sales.csv"}` works and the host's path
 * stays out of the conversation: token counts must not depend on where the temporary folder is.
 *
 * Its errors, `search_files` and `list_allowed_directories` do print the folder's path, and `get_file_info` prints
 * times: a script must not call these. Reading, writing, editing, listing and `directory_tree` print neither.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError, type Json, type WorldServer } from "../../contract/index.ts";
import { stdioServer } from "../../mock-mcp-servers/stdio/stdio-server.ts";

export interface FilesystemServerOptions {
  /** Path relative to the folder, with `/`, to text. */
  readonly files: ReadonlyMap<string, string>;
  /** An existing folder under which the server's own is made. */
  readonly tmpDir: string;
  /** The Node executable that runs the server. */
  readonly nodePath: string;
  /** The server's name in the run; default `filesystem`. */
  readonly name?: string;
}

/** `snapshot` is `{path: sha256}` of every file, by path. `close` ends the server and removes the folder. */
export function filesystemServer({ files, tmpDir, nodePath, name = "filesystem" }: FilesystemServerOptions): WorldServer {
  let folder: Promise<string> | undefined;
  let server: WorldServer | undefined;
  const root = () => {
    folder ??= makeFolder(tmpDir, files);
    return folder;
  };
  return {
    name,
    transport: "stdio",
    async connect() {
      const cwd = await root();
      server ??= stdioServer({ name, command: nodePath, args: [entryFile(name), "."], cwd });
      return server.connect();
    },
    async snapshot() {
      const cwd = await root();
      const found = await readdir(cwd, { recursive: true, withFileTypes: true });
      const paths = found.filter((file) => file.isFile()).map((file) => relative(cwd, join(file.parentPath, file.name)));
      paths.sort();
      const hashes = await Promise.all(paths.map(async (path) => sha256(await readFile(join(cwd, path)))));
      return Object.fromEntries(paths.map((path, i): [string, Json] => [path.split(sep).join("/"), hashes[i] ?? null]));
    },
    stderr: () => server?.stderr() ?? "",
    async close() {
      await server?.close();
      const made = await folder?.catch(() => undefined);
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}

async function makeFolder(tmpDir: string, files: ReadonlyMap<string, string>): Promise<string> {
  // The server compares real paths, and a temporary folder may be reached through a link.
  const root = await realpath(await mkdtemp(join(tmpDir, "files-")));
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

function entryPoint(): string {
  return fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-filesystem/dist/index.js"));
}

/** Whether the package is there. It is an ordinary dependency, but a run must be able to say that it is missing. */
export function filesystemServerInstalled(): boolean {
  try {
    entryPoint();
    return true;
  } catch {
    return false;
  }
}

function entryFile(server: string): string {
  try {
    return entryPoint();
  } catch (cause) {
    const fix = "Install it: npm install @modelcontextprotocol/server-filesystem.";
    throw new BenchError(
      "SERVER_START",
      { server, problem: "@modelcontextprotocol/server-filesystem is not installed", fix },
      { cause },
    );
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
