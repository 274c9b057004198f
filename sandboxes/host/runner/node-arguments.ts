/** How every backend starts the Node that a runner runs in. */

/** Node's whole environment, without anything of the host's. The time zone is fixed, so that dates print as on every backend. */
export const runnerEnvironment: Readonly<Record<string, string>> = { TZ: "UTC" };

/** V8 refuses less than this many MiB. */
const leastHeapMiB = 16;

/** Flags of Node before the runner's file, which plays programs as modules of `node:vm`. `memoryBytes` limits the heap alone; the box has to limit the rest. */
export const nodeArguments = (memoryBytes: number): string[] => [
  "--disable-warning=ExperimentalWarning",
  "--experimental-vm-modules",
  `--max-old-space-size=${Math.max(leastHeapMiB, Math.floor(memoryBytes / 2 ** 20))}`,
];
