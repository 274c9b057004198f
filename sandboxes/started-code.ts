/**
 * Code that starts in a process or a thread of its own. The package has it as JavaScript. In the sources its types are
 * stripped once and the result is kept: stripping takes longer than everything else that a process does at its start.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { version } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { codeUrl } from "./guest-files.ts";

const inSources = import.meta.url.endsWith(".ts");
const root = fileURLToPath(new URL("..", import.meta.url));
/** Ignored by git, and gone with the next installation. */
const cacheFolder = join(root, "node_modules/.cache/mcp-code-bench");

/** An import of a file beside it; the other extension is as long, so that no place in a file changes. */
const importOfSource = /((?:\bfrom|\bimport)\s*\(?\s*"\.[^"\n]*)\.ts"/g;

/** Absolute path of a folder that holds `sandboxes/` and what it imports. */
function writeJavaScript(): string {
  const names = globSync(["{sandboxes,contract,machine}/**/*.ts"], { cwd: root })
    .filter((name) => !/\.(test|d)\.ts$/.test(name))
    .sort();
  const sources = names.map((name) => [name, readFileSync(join(root, name), "utf8")] as const);
  const hash = createHash("sha256").update(version).update(JSON.stringify(sources)).digest("hex");
  const folder = join(cacheFolder, hash.slice(0, 16));
  if (existsSync(folder)) return folder;
  const own = `${folder}.${randomUUID()}`;
  for (const [name, source] of sources) {
    const file = join(own, name.replace(/ts$/, "js"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stripTypeScriptTypes(source).replaceAll(importOfSource, '$1.js"'));
  }
  writeFileSync(join(own, "package.json"), JSON.stringify({ type: "module" }));
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true });
  }
  return folder;
}

let javaScript: string | undefined;

/** URL of a file of `sandboxes/` to be started, named without its extension, e.g. `backends/quickjs/worker`. */
export function startedCode(name: string): URL {
  if (!inSources) return codeUrl(name);
  javaScript ??= writeJavaScript();
  return pathToFileURL(join(javaScript, "sandboxes", `${name}.js`));
}
