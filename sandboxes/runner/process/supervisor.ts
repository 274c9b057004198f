/**
 * Process 1 of a box that lives as long as its session: a shell that starts one runner after another. It is root without
 * any right but those that `supervisorCapabilities` names, so that no guest can reach it, and guests are nobody.
 */
/** Where a box sees its workspace, and the folder of the socket that its runners connect to. */
export const boxWorkspace = "/workspace";
export const channelFolder = "/run/mcp-code-bench";
export const channelSocket = "runner.sock";

/**
 * Folders for what runners write to stderr: each a file system of its own, writable to root alone. Two take turns, because
 * the next runner reads what the one before wrote; what one fills is no room of the other's.
 */
export const errorFolders = ["/run/errors-1", "/run/errors-2"] as const;
/** Size of each of them. */
export const errorBytes = 2 ** 17;

/** Of process 1: to become nobody, who has none, and to end everything else. */
export const supervisorCapabilities: readonly string[] = ["SETUID", "SETGID", "SETPCAP", "KILL"];

/**
 * Reads a line from the host for every runner, and starts it with the token in the line, which no process that is there
 * before can know. The line's first word is for the runner before: `now` ends it, `then` waits for its own end. In both
 * cases everything that it left is ended and gone before the next one starts: `kill -1` spares process 1 alone, and where
 * it finds nothing more, it fails. `jobs` takes what has ended off the list, without a new process, for which there may
 * be no room. Each runner is passed how the one before ended and where its stderr is. At the end of the lines the box ends.
 */
const script = `runner= code= last=${errorFolders[0]}/text errors=${errorFolders[1]}/text
while read -r end token; do
  if [ -n "$runner" ]; then
    [ "$end" = then ] || kill -9 -1
    wait "$runner"
    code=$?
    while kill -9 -1; do jobs; done
  fi
  "$@" ${channelFolder}/${channelSocket} "$code" $last "$token" </dev/null 2>$errors &
  runner=$! spare=$last last=$errors errors=$spare
done >/dev/null 2>&1`;

/** `runner` becomes nobody first. It is started as it is, with the channel, the exit code, the file of stderr and the token after it. */
export const supervised = (runner: readonly string[]): string[] => ["/bin/sh", "-c", script, "sh", ...runner];

/** A line for it. `before`: what becomes of the runner before, if there is one. */
export const nextRunnerLine = (before: "now" | "then", token: string): string => `${before} ${token}\n`;
