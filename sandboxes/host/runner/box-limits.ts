/** What a box gives a guest beside the memory that its session was opened with: the same for every box that the kernel bounds. */

/** Memory that the engine itself takes, on top of what its guest was given. */
export const engineMemoryBytes = 96 * 2 ** 20;
/** Of a file system in memory, which counts as memory too. */
export const workspaceBytes = 64 * 2 ** 20;
export const temporaryBytes = 16 * 2 ** 20;
/** Threads count; Node alone has a dozen. */
export const maxProcesses = 64;
export const maxOpenFiles = 1_024;
export const cpus = 1;
/** Nobody: an id without a name on most hosts, and with no right anywhere. */
export const guestUser = 65_534;
