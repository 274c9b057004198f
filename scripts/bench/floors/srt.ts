import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxRuntime, srtArguments, srtEnvironment, srtLimits, srtSettings } from "../../../sandboxes/backends/srt/runtime.ts";
import { nodeArguments } from "../../../sandboxes/host/runner/node-arguments.ts";
import { memoryBytes, rawProcess } from "../raw-process.ts";
import type { RawFloor } from "./raw.ts";

export const floor: RawFloor = {
  id: "srt",
  note: "the command srt with the same settings in the same control group, over its standard input and output.",
  async prepare(host) {
    const runtime = sandboxRuntime();
    if (runtime === undefined) throw new Error("the package @anthropic-ai/sandbox-runtime is not installed");
    const node = realpathSync(host.nodePath);
    return rawProcess(host, {
      limits: srtLimits(memoryBytes),
      env: (folder) => srtEnvironment(host.env.PATH, join(folder, "tmp")),
      command(folder, guest) {
        const workspace = join(folder, "workspace");
        const settingsFile = join(folder, "settings.json");
        mkdirSync(join(folder, "tmp"));
        const settings = srtSettings({ readable: [node, guest, runtime.filters], writable: workspace, readOnly: [] });
        writeFileSync(settingsFile, JSON.stringify(settings));
        const command = [node, ...nodeArguments(memoryBytes), guest];
        return [host.nodePath, ...srtArguments(runtime.cli, settingsFile, workspace, command)];
      },
    });
  },
};
