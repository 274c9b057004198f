/** Holds the layout of the README: who may import whom, and who may touch process, clocks and random numbers. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["bench", "scenarios", "fixtures", "mock-mcp-servers", "sandboxes", "reports"];
const files = folders
  .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".test.ts") && !file.startsWith("bench/testing/") && !file.includes("/programs/"));

const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

/** The first pattern that matches a file gives the prefixes that it may import. */
const allowed: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^bench\/types\//, ["bench/types/"]],
  [
    /^bench\/(registries|main|cli)\.ts$|^bench\/commands\//,
    [
      "bench/",
      "scenarios/registry.ts",
      "mock-mcp-servers/registry.ts",
      "mock-mcp-servers/lib/",
      "sandboxes/registry.ts",
      "sandboxes/pooled.ts",
      "sandboxes/conformance/prove.ts",
      "sandboxes/peers/registry.ts",
      "sandboxes/peers/checks.ts",
      "sandboxes/peers/prove.ts",
      "reports/",
      "fixtures/",
      "package.json",
    ],
  ],
  [
    /^bench\/index\.ts$/,
    [
      "bench/",
      "scenarios/define.ts",
      "scenarios/checks.ts",
      "scenarios/results.ts",
      "mock-mcp-servers/lib/",
      "fixtures/random.ts",
      "reports/escape.ts",
      "sandboxes/agent/",
      "sandboxes/cgroup.ts",
      "sandboxes/orphans.ts",
      "sandboxes/session/session-folder.ts",
    ],
  ],
  [/^bench\/gate\//, ["bench/", "reports/escape.ts"]],
  [/^bench\//, ["bench/", "fixtures/", "mock-mcp-servers/lib/"]],
  [/^scenarios\//, ["scenarios/", "bench/types/", "bench/stdio-server.ts", "fixtures/", "mock-mcp-servers/"]],
  [/^mock-mcp-servers\//, ["mock-mcp-servers/", "bench/types/", "fixtures/"]],
  [/^fixtures\//, ["fixtures/", "bench/types/"]],
  [/^sandboxes\//, ["sandboxes/", "bench/types/"]],
  [/^reports\//, ["reports/", "bench/types/", "bench/summarise", "bench/cost.ts", "bench/stats/", "bench/sandbox-bench/"]],
];

function importsOf(file: string, source: string): string[] {
  const found = source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, specifier = ""]) => normalize(join(dirname(file), specifier)).replaceAll("\\", "/"));
}

test("every file imports only what its layer may", () => {
  const bad = files.flatMap((file) => {
    const prefixes = allowed.find(([pattern]) => pattern.test(file))?.[1] ?? [];
    const imports = importsOf(file, sources.get(file) ?? "");
    return imports.filter((path) => !prefixes.some((prefix) => path.startsWith(prefix))).map((path) => `${file} -> ${path}`);
  });
  expect(files.length).toBeGreaterThan(50);
  expect(bad).toEqual([]);
});

/** Code that runs in a child process or a worker owns that process; everything else is given what it needs. */
const ownsItsProcess =
  /^bench\/main\.ts$|^sandboxes\/(agent\/(agent|transport)|quickjs\/worker|realm\/(child|worker|node-engine)|isolated-vm\/child|pyodide\/standard-input|workerd\/isolate\/main|peers\/just-bash-child)|^sandboxes\/guest\//;
/** Sets the clock of its guest, a machine of its own, by the time of day. */
const needsTheTimeOfDay = /^sandboxes\/qemu\/machine-box\.ts$/;

test("process, time and chance arrive as arguments", () => {
  const bad = files
    .filter((file) => !ownsItsProcess.test(file) && !needsTheTimeOfDay.test(file))
    .flatMap((file) => {
      const code = (sources.get(file) ?? "").replace(/\/\*[\s\S]*?\*\/|\/\/.*|`[^`]*`|"[^"\n]*"/g, '""');
      const found = code.matchAll(/\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.random\b/g);
      return [...found].map(([text]) => `${file}: ${text}`);
    });
  expect(bad).toEqual([]);
});
