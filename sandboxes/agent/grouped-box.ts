/** A box of host processes, one for each program, inside a control group where this machine lets us make one. */

import type { ControlGroup } from "../cgroup.ts";
import type { AgentBox } from "./box.ts";
import { type ProcessBoxOptions, processBox } from "./process-box.ts";

/** Takes over the group; `undefined` where none can be made. */
export function groupedBox(group: ControlGroup | undefined, options: ProcessBoxOptions): AgentBox {
  if (group === undefined) return processBox(options);
  let told = group.outOfMemoryKills();
  const [program, ...args] = [...group.enter, ...options.command];
  const box = processBox({
    ...options,
    command: [program ?? "", ...args],
    wasOutOfMemory() {
      const kills = group.outOfMemoryKills();
      const more = kills > told;
      told = kills;
      return more;
    },
    async clean() {
      await group.remove();
      await options.clean();
    },
  });
  return { ...box, residentBytes: async () => group.residentBytes() };
}
