/** Limits and user of every box that the kernel bounds, beside the memory that its session was opened with. */
import { setprivPath } from "../../../machine/installed-files.ts";

/** Memory that the engine itself takes, on top of what its guest was given. */
export const engineMemoryBytes = 96 * 2 ** 20;
/** Size of a file system in memory, which counts as memory too. */
export const workspaceBytes = 64 * 2 ** 20;
export const temporaryBytes = 16 * 2 ** 20;
/** Threads count; Node alone has a dozen. */
export const maxProcesses = 64;
export const maxOpenFiles = 1_024;
export const cpus = 1;
/** User and group of a guest: an id that has no name on most hosts, and no rights. */
export const guestUser = 65_534;

/** Becomes the guest's user, for good. The command follows. */
export const becomeNobody: readonly string[] = [
  setprivPath,
  `--reuid=${guestUser}`,
  `--regid=${guestUser}`,
  "--clear-groups",
  "--inh-caps=-all",
  "--ambient-caps=-all",
  "--bounding-set=-all",
  "--no-new-privs",
];
