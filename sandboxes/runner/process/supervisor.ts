/** Process 1 of a box that lives as long as its session: a shell that starts one runner after another. */

/** Where a box sees its workspace, and the folder of the socket that its runners connect to. */
export const boxWorkspace = "/workspace";
export const channelFolder = "/run/mcp-code-bench";
export const channelSocket = "runner.sock";

/**
 * It passes each runner how the one before ended and where its stderr is, and ends what that left behind: `kill -1` spares
 * process 1. Two files take turns, because a new runner empties its own.
 */
const script = `code= last=/tmp/errors-1 errors=/tmp/errors-2
while :; do
  "$@" ${channelFolder}/${channelSocket} "$code" $last 2>$errors
  code=$? spare=$last last=$errors errors=$spare
  kill -9 -1 2>/dev/null
done`;

/** `runner` is started as it is, with the channel, the exit code and the file of stderr after it. */
export const supervised = (runner: readonly string[]): string[] => ["/bin/sh", "-c", script, "sh", ...runner];
