/** bwrap by hand: the same arguments in the same control group, around a Node program that connects to the socket. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { controlGroups } from "../../../machine/control-group.ts";
import { findProgram } from "../../../machine/installed-files.ts";
import { bubbleArguments } from "../../../sandboxes/backends/bubblewrap/arguments.ts";
import { startBubble } from "../../../sandboxes/backends/bubblewrap/bubble.ts";
import { bubbleRuntime } from "../../../sandboxes/backends/bubblewrap/runtime.ts";
import { becomeNobody, cpus, engineMemoryBytes, maxProcesses } from "../../../sandboxes/host/runner/box-limits.ts";
import { echoSource, helloSource, socketChannel, untilFigure, untilHello, withSocketGuest } from "../by-hand.ts";
import type { RawFloor } from "./raw.ts";

const memoryBytes = 256 * 2 ** 20;

export const floor: RawFloor = {
  id: "bubblewrap",
  note: "bwrap and setpriv with the same arguments in the same control group; a Node program that connects to the socket in the mount.",
  async prepare(host) {
    const groups = controlGroups();
    const bwrap = findProgram("bwrap", host.env) ?? "";
    const runtime = await bubbleRuntime("javascript", host.nodePath);
    const tree = mkdtempSync(join(host.tmpDir, "tree-"));
    mkdirSync(join(tree, "servers"));
    const start = (source: string) => async (channel: string) => {
      const group = groups.make({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus });
      const mounts = { runtime: runtime.mounts, channel, tree, data: [] };
      return startBubble(group, [bwrap, ...bubbleArguments(mounts, [...becomeNobody, "/usr/bin/node", "-e", source])]).remove;
    };
    return {
      cold() {
        const since = performance.now();
        return withSocketGuest(host.tmpDir, start(helloSource(socketChannel)), (input) => untilHello(input, since));
      },
      roundTrip: (calls) => withSocketGuest(host.tmpDir, start(echoSource(socketChannel, calls)), untilFigure),
      dispose: async () => undefined,
    };
  },
};
