/** Process 1 of a box that lives as long as its session: a shell that starts one agent after another. */

/** Where a box sees its workspace, and the folder of the socket that its agents connect to. */
export const boxWorkspace = "/workspace";
export const channelFolder = "/run/mcp-code-bench";
export const channelSocket = "agent.sock";

/**
 * It tells each agent how the one before ended and where its stderr is, and ends what that left behind: `kill -1` spares
 * process 1. Two files take turns, because a new agent empties its own.
 */
const script = `code= last=/tmp/errors-1 errors=/tmp/errors-2
while :; do
  "$@" ${channelFolder}/${channelSocket} "$code" $last 2>$errors
  code=$? spare=$last last=$errors errors=$spare
  kill -9 -1 2>/dev/null
done`;

/** `agent` is started as it is, with the channel, the exit code and the file of stderr after it. */
export const supervised = (agent: readonly string[]): string[] => ["/bin/sh", "-c", script, "sh", ...agent];
