import { join } from "node:path";
import { permissionArguments } from "../../../sandboxes/backends/node-permission/sandbox.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../../sandboxes/host/runner/box-limits.ts";
import { nodeArguments, runnerEnvironment } from "../../../sandboxes/host/runner/node-arguments.ts";
import { memoryBytes, rawProcess } from "../raw-process.ts";
import type { RawFloor } from "./raw.ts";

export const floor: RawFloor = {
  id: "node-permission",
  note: "node with the same permissions in the same control group, over its standard input and output.",
  prepare: async (host) =>
    rawProcess(host, {
      limits: { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus },
      env: () => runnerEnvironment,
      command: (folder, guest) => [
        host.nodePath,
        ...nodeArguments(memoryBytes),
        ...permissionArguments(join(folder, "workspace"), [guest]),
        guest,
      ],
    }),
};
