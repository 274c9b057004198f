import { env } from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Milliseconds that no check is about: they only end what hangs, however busy the machine is. */
const patientMs = 600_000;

/** Real sandboxes first: begun last, one would keep a worker busy when the others have nothing left to do. */
class SandboxesFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const isLong = ({ moduleId }: (typeof files)[number]) => moduleId.includes("/sandboxes/");
    return (await super.sort(files)).toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

export default defineConfig({
  test: {
    include: ["{contract,machine,testing,bench,scenarios,fixtures,mock-mcp-servers,sandboxes,reports,scripts}/**/*.test.ts"],
    testTimeout: patientMs,
    hookTimeout: patientMs,
    expect: { poll: { timeout: patientMs / 2 } },
    sequence: { sequencer: SandboxesFirst },
    // Half of a test's time is waiting for processes and clocks.
    maxWorkers: 3,
    ...(env.VITEST_JSON === undefined ? {} : { reporters: ["default", ["json", { outputFile: env.VITEST_JSON }]] }),
  },
});
