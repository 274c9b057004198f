import { join } from "node:path";
import { cpus, engineMemoryBytes, maxProcesses } from "../../../sandboxes/agent/box-limits.ts";
import { agentEnvironment, nodeArguments } from "../../../sandboxes/agent/node-arguments.ts";
import { permissionArguments } from "../../../sandboxes/node-permission.ts";
import { memoryBytes, rawProcess } from "../raw-process.ts";
import type { RawFloor } from "./raw.ts";

export const floor: RawFloor = {
  id: "node-permission",
  note: "node with the same permissions in the same control group, over its standard input and output.",
  prepare: async (host) =>
    rawProcess(host, {
      limits: { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus },
      env: () => agentEnvironment,
      command: (folder, guest) => [
        host.nodePath,
        ...nodeArguments(memoryBytes),
        ...permissionArguments(join(folder, "workspace"), guest),
        guest,
      ],
    }),
};
