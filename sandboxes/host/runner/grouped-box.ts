/** A box of host processes, one for each program, inside a control group where this machine can make one. */

import type { ControlGroup } from "../../../machine/control-group.ts";
import { boxFailure, type RunnerBox } from "./box.ts";
import { type ProcessBoxOptions, processBox } from "./process-box.ts";

/**
 * A `processBox` whose runners enter a control group before they become the command, so that whatever the command forks is
 * inside. A guest that takes more memory ends as the limit `memory`; one that starts more processes is refused. The box
 * measures the resident bytes of the group. Before it starts the next runner, it ends everything in the group, whatever its
 * process group, and sees that it is empty: what one program leaves cannot reach the next.
 *
 * Takes over `group`, a new one for each session, and removes it when the session ends. `undefined` gives a plain
 * `processBox`, for machines without groups (`available()` of `controlGroups`), which ends process groups alone. Sets `wasOutOfMemory` itself.
 */
export function groupedBox(group: ControlGroup | undefined, options: ProcessBoxOptions): RunnerBox {
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
  return {
    ...box,
    async nextRunner() {
      await group.empty().catch((cause) => {
        throw boxFailure(options.sandbox, `what a program started before does not end: ${(cause as Error).message}`, cause);
      });
      return box.nextRunner();
    },
    residentBytes: async () => group.residentBytes(),
  };
}
