/** What workerd is started with: its configuration and the code it names, as files of the backend's own folder. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { codeUrl } from "../../guest-files.ts";
import { isolateCode } from "./isolate-modules.ts";

/** Both workers'. */
export const compatibilityDate = "2026-01-01";
/** Of isolates: the guest's modules come as text, and the globals that turn text into functions are taken from the guest. */
export const compatibilityFlags = ["nodejs_compat", "unsafe_module", "experimental"];
/** V8's own limit for a heap, which ends the whole process; workerd sets none. */
export const v8FlagsOf = (memoryBytes: number) => [`--max-old-space-size=${Math.max(16, Math.floor(memoryBytes / 2 ** 20))}`];

export interface Configuration {
  /** Absolute path of the file. */
  configOf(memoryBytes: number): string;
  remove(): void;
}

/** Writes below `tmpDir` on first use. */
export function configuration(tmpDir: string): Configuration {
  let folder: string | undefined;
  const files = new Map<number, string>();
  const makeFolder = (): string => {
    const made = mkdtempSync(join(tmpDir, "workerd-code-"));
    const url = codeUrl("backends/workerd/outer");
    const source = readFileSync(url, "utf8");
    writeFileSync(join(made, "outer.js"), url.pathname.endsWith(".ts") ? stripTypeScriptTypes(source) : source);
    writeFileSync(join(made, "isolate.json"), JSON.stringify({ compatibilityDate, compatibilityFlags, ...isolateCode() }));
    return made;
  };
  return {
    configOf(memoryBytes) {
      const known = files.get(memoryBytes);
      if (known !== undefined) return known;
      folder ??= makeFolder();
      const file = join(folder, `${memoryBytes}.capnp`);
      writeFileSync(file, configText(memoryBytes));
      files.set(memoryBytes, file);
      return file;
    },
    remove() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = undefined;
      files.clear();
    },
  };
}

const configText = (memoryBytes: number) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .outer), (name = "nowhere", network = (allow = []))],
  sockets = [(name = "host", http = (), service = "main")],
  v8Flags = [${v8FlagsOf(memoryBytes)
    .map((flag) => JSON.stringify(flag))
    .join(", ")}],
);
const outer :Workerd.Worker = (
  modules = [(name = "outer.js", esModule = embed "outer.js"), (name = "isolate.json", json = embed "isolate.json")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["experimental"],
  bindings = [(name = "LOADER", workerLoader = ())],
  globalOutbound = "nowhere",
);
`;
