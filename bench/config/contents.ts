/** What a configuration is by content, so that a job can name it and another process can tell whether it has the same. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Node, parse } from "acorn";
import type { Config } from "./config.ts";

/**
 * SHA-256, hexadecimal, over the configuration file, every module that it reaches by relative imports, and the files in
 * the `programs` folders of its scenarios: their bytes, and their paths relative to the configuration. The same project
 * has the same hash in another folder.
 *
 * Not in it: packages, and data that a module reads while it runs. An `import()` counts where its module is a literal.
 *
 * @param file absolute, and loaded already: what it imports can be read
 */
export async function configContents(file: string, config: Config): Promise<string> {
  const files = new Map<string, Buffer>();
  await addModule(pathToFileURL(file), files);
  for (const { programs } of config.scenarios ?? []) await addFolder(programs, files);
  const hash = createHash("sha256");
  const listed = [...files].map(([url, bytes]) => [pathFrom(file, url), bytes] as const);
  for (const [path, bytes] of listed.sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  }
  return hash.digest("hex");
}

function pathFrom(file: string, url: string): string {
  return relative(dirname(file), fileURLToPath(url)).replaceAll("\\", "/");
}

async function addModule(url: URL, files: Map<string, Buffer>): Promise<void> {
  if (files.has(url.href)) return;
  const bytes = await readFile(url);
  files.set(url.href, bytes);
  for (const specifier of relativeImports(url, bytes.toString())) await addModule(new URL(specifier, url), files);
}

/** Programs import what only guests have, so only their bytes are taken. Without the folder a scenario has no programs. */
async function addFolder(folder: URL, files: Map<string, Buffer>): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw cause;
  });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const url = pathToFileURL(`${entry.parentPath}/${entry.name}`);
    files.set(url.href, await readFile(url));
  }
}

function relativeImports({ pathname }: URL, source: string): readonly string[] {
  const [, typed] = /\.[mc]?([jt])s$/.exec(pathname) ?? [];
  if (typed === undefined) return [];
  const code = typed === "t" ? stripTypeScriptTypes(source) : source;
  const found: string[] = [];
  const left: unknown[] = [parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true })];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isNode(node) && "source" in node && isText(node.source) && /^\.{0,2}\//.test(node.source.value)) {
      found.push(node.source.value);
    }
    left.push(...Object.values(node as object).filter((value) => typeof value === "object" && value !== null));
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function isText(value: unknown): value is { readonly value: string } {
  return isNode(value) && "value" in value && typeof value.value === "string";
}
