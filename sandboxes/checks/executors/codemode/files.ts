/** A workerd configuration with the package's own files in it, unchanged but for the names that they import. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { codeUrl } from "../../../guest-files.ts";

const importedName = /(?<=\bfrom ")([^"]+)(?=")/g;

/** Absolute path of the configuration; the folder that it lies in is the caller's to remove. */
export function writeCodemode(tmpDir: string): { readonly folder: string; readonly config: string } {
  const folder = mkdtempSync(join(tmpDir, "codemode-"));
  const names = new Set<string>();
  const visit = (file: string, name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    const source = readFileSync(file, "utf8").replace(importedName, (specifier) => {
      if (specifier.startsWith("cloudflare:")) return specifier;
      const imported = fileURLToPath(
        specifier.startsWith(".") ? new URL(specifier, pathToFileURL(file)) : import.meta.resolve(specifier),
      );
      const own = `${basename(imported).replace(/\.m?js$/, "")}.js`;
      visit(imported, own);
      return `./${own}`;
    });
    writeFileSync(join(folder, name), source);
  };
  visit(fileURLToPath(import.meta.resolve("@cloudflare/codemode")), "codemode.js");
  const url = codeUrl("checks/executors/codemode/worker");
  const worker = readFileSync(url, "utf8");
  writeFileSync(join(folder, "worker.js"), url.pathname.endsWith(".ts") ? stripTypeScriptTypes(worker) : worker);
  const modules = ["worker.js", ...names].map((name) => `(name = "${name}", esModule = embed "${name}")`).join(", ");
  const config = join(folder, "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .codemode), (name = "nowhere", network = (allow = []))],
  sockets = [(name = "host", http = (), service = "main")],
);
const codemode :Workerd.Worker = (
  modules = [${modules}],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["experimental", "nodejs_compat"],
  bindings = [(name = "LOADER", workerLoader = ())],
  globalOutbound = "nowhere",
);
`,
  );
  return { folder, config };
}
