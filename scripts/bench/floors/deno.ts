import { join } from "node:path";
import { denoArguments, denoEnvironment } from "../../../sandboxes/backends/deno/arguments.ts";
import { denoProgram } from "../../../sandboxes/backends/deno/program.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../../sandboxes/host/runner/box-limits.ts";
import { memoryBytes, rawProcess } from "../raw-process.ts";
import type { RawFloor } from "./raw.ts";

export const floor: RawFloor = {
  id: "deno",
  note: "deno run with the same permissions in the same control group, over its standard input and output.",
  async prepare(host) {
    const program = denoProgram();
    if (program === undefined) throw new Error("the package deno is not installed");
    return rawProcess(host, {
      limits: { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus },
      env: (folder) => denoEnvironment(join(folder, "cache")),
      command: (folder, guest) => [program.path, ...denoArguments(join(folder, "workspace"), memoryBytes), guest],
    });
  },
};
