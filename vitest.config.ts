import { env } from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Milliseconds that no check is about: they only end what hangs, however busy the machine is. */
const patientMs = 600_000;

/** The longest files, longest first: begun last, one would keep a worker busy when the others have nothing left to do. */
const longest = [
  "sandboxes/pyodide",
  "bench/resume",
  "sandboxes/pooled",
  "sandboxes/same-text",
  "sandboxes/vm2",
  "sandboxes/qemu",
  "sandboxes/isolated-vm",
  "sandboxes/quickjs",
  "sandboxes/worker-threads",
  "sandboxes/node-vm",
  "sandboxes/e2b",
  "sandboxes/deno",
  "bench/hostile",
  "bench/commands/sandboxes",
  "scripts/package",
];

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
