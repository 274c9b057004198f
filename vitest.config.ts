import { env } from "node:process";
import { defineConfig } from "vitest/config";

const patientMs = 600_000;

export default defineConfig({
  test: {
    include: ["{bench,scenarios,fixtures,mock-mcp-servers,sandboxes,reports,scripts}/**/*.test.ts"],
    // No check is about these times: they only end what hangs, however busy the machine is.
    testTimeout: patientMs,
    hookTimeout: patientMs,
    expect: { poll: { timeout: patientMs / 2 } },
    // Sandbox and server tests start processes; two at a time keeps their time-outs honest on a small machine.
    maxWorkers: 2,
    ...(env.VITEST_JSON === undefined ? {} : { reporters: ["default", ["json", { outputFile: env.VITEST_JSON }]] }),
  },
});
