import { env } from "node:process";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{bench,scenarios,fixtures,mock-mcp-servers,sandboxes,reports,scripts}/**/*.test.ts"],
    testTimeout: 60_000,
    // Sandbox and server tests start processes; two at a time keeps their time-outs honest on a small machine.
    maxWorkers: 2,
    ...(env.VITEST_JSON === undefined ? {} : { reporters: ["default", ["json", { outputFile: env.VITEST_JSON }]] }),
  },
});
