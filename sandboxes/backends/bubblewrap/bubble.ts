/** A running bubblewrap in a control group, seen from outside. */
import { spawn } from "node:child_process";
import type { ControlGroup } from "../../../machine/control-group.ts";
import type { RunnerEnd } from "../../host/runner/box.ts";
import { maxOpenFiles } from "../../host/runner/box-limits.ts";
import type { RunnerHolder } from "../../host/runner/socket-box.ts";

/** Characters of stderr kept, enough to show why it did not start. */
const keptErrorText = 20_000;
/** Limits of each process, which bubblewrap has no option for. */
const limitScript = `ulimit -c 0; ulimit -n ${maxOpenFiles}; exec "$@"`;

/** Puts `command` into the group, with the limits of a process. */
const limitedCommand = (group: ControlGroup, command: readonly string[]): readonly string[] => [
  ...group.enter,
  "/bin/sh",
  "-c",
  limitScript,
  "sh",
  ...command,
];

/** Owns the group from here on. `command`: bwrap's path and its arguments. */
export function startBubble(group: ControlGroup, command: readonly string[]): RunnerHolder {
  const [file = "", ...args] = limitedCommand(group, command);
  const child = spawn(file, args, { cwd: "/", env: {}, stdio: ["pipe", "ignore", "pipe"] });
  // Its end says more.
  child.stdin.on("error", () => undefined);
  const ended = Promise.withResolvers<RunnerEnd>();
  let errorText = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrorText);
  });
  const settle = (what: string) =>
    ended.resolve({ code: null, signal: what, errorText, outOfMemory: group.outOfMemoryKills() > 0 });
  child.on("error", (error) => settle(error.message));
  child.on("close", () => settle("the end of its namespaces"));
  return {
    tell: (line) => void child.stdin.write(line),
    ended: () => ended.promise,
    outOfMemoryKills: group.outOfMemoryKills,
    residentBytes: async () => group.residentBytes(),
    async remove() {
      await group.remove();
      child.kill("SIGKILL");
      await ended.promise;
    },
  };
}
