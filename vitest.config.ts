import { existsSync } from "node:fs";
import { env } from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Milliseconds that no check is about: they only end what hangs, however busy the machine is. */
const patientMs = 600_000;

/** The longest files, longest first: begun last, one would keep a worker busy when the others have nothing left to do. */
const longest = [
  "sandboxes/backends/pyodide/sandbox",
  "bench/run/resume",
  "sandboxes/host/pooled",
  "sandboxes/backends/vm2/sandbox",
  "sandboxes/backends/qemu/sandbox",
  "sandboxes/backends/isolated-vm/sandbox",
  "sandboxes/backends/quickjs/sandbox",
  "sandboxes/backends/worker-threads/sandbox",
  "sandboxes/backends/node-vm/sandbox",
  "sandboxes/backends/e2b/sandbox",
  "sandboxes/backends/deno/sandbox",
  "bench/servers/hostile",
  "bench/cli/sandboxes/sandboxes",
  "scripts/package",
];
const moved = longest.find((name) => !existsSync(new URL(`${name}.test.ts`, import.meta.url)));
if (moved !== undefined) throw new Error(`There is no ${moved}.test.ts: say in vitest.config.ts where it is now.`);

/** vitest's own order for the others: it knows times of an earlier run only, and none on a fresh checkout. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const rank = ({ moduleId }: (typeof files)[number]) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["{contract,machine,testing,bench,scenarios,fixtures,mock-mcp-servers,sandboxes,reports,scripts}/**/*.test.ts"],
    testTimeout: patientMs,
    hookTimeout: patientMs,
    expect: { poll: { timeout: patientMs / 2 } },
    sequence: { sequencer: LongestFirst },
    // Half of a test's time is waiting for processes and clocks.
    maxWorkers: 3,
    ...(env.VITEST_JSON === undefined ? {} : { reporters: ["default", ["json", { outputFile: env.VITEST_JSON }]] }),
  },
});
