/** How every backend starts the Node that a runner runs in. */

/** All that Node is given of an environment: nothing of the host's. The time zone is fixed so that dates print as on every other backend. */
export const runnerEnvironment: Readonly<Record<string, string>> = { TZ: "UTC" };

/** V8 refuses less than this many MiB. */
const leastHeapMiB = 16;

/** Flags of Node before the runner's file. `memoryBytes` limits the heap alone; what lies outside it is the box's to limit. */
export const nodeArguments = (memoryBytes: number): string[] => [
  "--disable-warning=ExperimentalWarning",
  `--max-old-space-size=${Math.max(leastHeapMiB, Math.floor(memoryBytes / 2 ** 20))}`,
];
