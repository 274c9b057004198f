import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { denoArguments, denoEnvironment } from "../../../sandboxes/backends/deno/arguments.ts";
import { copyCache, fillCache } from "../../../sandboxes/backends/deno/prepared.ts";
import { denoProgram } from "../../../sandboxes/backends/deno/program.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../../sandboxes/host/runner/box-limits.ts";
import { helloSource, pipeChannel } from "../by-hand.ts";
import { memoryBytes, rawProcess } from "../raw-process.ts";
import type { RawFloor } from "./raw.ts";

export const floor: RawFloor = {
  id: "deno",
  note: "deno run with the same permissions in the same control group, with a copy of the compiled code that a first run left, over its standard input and output.",
  async prepare(host) {
    const program = denoProgram();
    if (program === undefined) throw new Error("the package deno is not installed");
    const first = mkdtempSync(join(host.tmpDir, "first-"));
    const guest = join(first, "guest.mjs");
    writeFileSync(guest, helloSource(pipeChannel));
    mkdirSync(join(first, "workspace"));
    const start = (folder: string) => [program.path, ...denoArguments(join(folder, "workspace"), memoryBytes)] as const;
    await fillCache(join(first, "cache"), [...start(first), guest]);
    return rawProcess(host, {
      limits: { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus },
      env: (folder) => denoEnvironment(join(folder, "cache")),
      async command(folder, program) {
        await copyCache(join(first, "cache"), join(folder, "cache"));
        return [...start(folder), program];
      },
    });
  },
};
