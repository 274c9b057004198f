/**
 * Control groups for backends that start host processes themselves: the kernel then bounds memory, processes and
 * processor time of whatever a guest starts. Each session has a group of its own, named for its owner, so that a sweep
 * removes what a crash left and keeps what a living harness holds. Only root can make groups.
 */
import { randomUUID } from "node:crypto";
import { type Dirent, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Availability } from "../contract/index.ts";
import { ownerIsGone, ownerOf } from "./owner.ts";

const systemRoot = "/sys/fs/cgroup";
const parentName = "mcp-code-bench";
/** Microseconds; the kernel's default. */
const cpuPeriodUs = 100_000;
/** The kernel hands out memory in batches, so a group that ran out may have this much left. */
const unusedBytes = 2 * 2 ** 20;
const makingTries = 100;
/** A killed process takes a moment to leave its group. */
const removal = { tries: 1_000, pauseMs: 5 } as const;

export interface GroupLimits {
  /** Memory and swap of the whole group, the engine's own included (Node takes some 50 MB). */
  readonly memoryBytes: number;
  /** Threads count, as the kernel counts them; Node alone has a dozen. */
  readonly maxProcesses: number;
  /** Processors' worth of time, e.g. 1. */
  readonly cpus: number;
}

export interface ControlGroup {
  /**
   * Put before a command: `[...group.enter, ...command]`. The command and all that it forks then run inside from the
   * first instruction on. A process that is moved into a group later leaves what it forked before outside.
   */
  readonly enter: readonly string[];
  /** Path below the root of every tree, e.g. for a daemon that puts a container inside. */
  readonly path: string;
  /** Processes that the kernel has ended for this group's memory. */
  outOfMemoryKills(): number;
  /** Whether it ever ran out of memory, groups inside it included. That alone ends nothing: caches may have made room. */
  wasFull(): boolean;
  /** Bytes without the page cache; `null` if the kernel does not report them. */
  residentBytes(): number | null;
  /** Ends every process inside, whatever process group it is in, and resolves once none is left. Rejects if one stays. */
  empty(): Promise<void>;
  /** The same, and ends the group. Idempotent; never rejects. */
  remove(): Promise<void>;
}

export interface ControlGroups {
  /** A new group, for one session; the caller removes it. Throws what the kernel said. */
  make(limits: GroupLimits): ControlGroup;
  /** Whether groups can be made here, found out by making one. */
  available(): Availability;
  /** Ends and removes the groups of owners that are gone, and nobody else's. Never rejects. */
  sweep(): Promise<void>;
}

/** Moves itself into every group whose file is named before `--`, then becomes the command. */
const enterScript = `while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"`;

/** Version 1 has a tree for each controller, version 2 has one for all. */
interface Layout {
  /** Where the parent folder of all groups is made. */
  readonly trees: readonly string[];
  /** File of a group, by its tree's place, to its limit; the first that is missing is an error unless optional. */
  settings(limits: GroupLimits): readonly { tree: number; file: string; value: string; optional?: true }[];
  /** Of the first tree: counts kills for memory in a line `oom_kill N`. */
  readonly eventsFile: string;
  /** Of the first tree: memory ran out if the number that `pattern` finds in `file` is at least `least`. */
  readonly fullness: { readonly file: string; readonly pattern: RegExp; least(limits: GroupLimits): number };
  /** Line of `memory.stat` with resident bytes. */
  readonly residentLine: RegExp;
  readonly delegates: boolean;
}

function layoutOf(root: string): Layout {
  const quota = (cpus: number) => Math.round(cpus * cpuPeriodUs);
  if (existsSync(join(root, "cgroup.controllers"))) {
    return {
      trees: [root],
      settings: ({ memoryBytes, maxProcesses, cpus }) => [
        { tree: 0, file: "memory.max", value: `${memoryBytes}` },
        { tree: 0, file: "memory.swap.max", value: "0", optional: true },
        { tree: 0, file: "pids.max", value: `${maxProcesses}` },
        { tree: 0, file: "cpu.max", value: `${quota(cpus)} ${cpuPeriodUs}` },
      ],
      eventsFile: "memory.events",
      fullness: { file: "memory.events", pattern: /^oom (\d+)$/m, least: () => 1 },
      residentLine: /^anon (\d+)$/m,
      delegates: true,
    };
  }
  return {
    trees: ["memory", "pids", "cpu"].map((controller) => join(root, controller)),
    settings: ({ memoryBytes, maxProcesses, cpus }) => [
      { tree: 0, file: "memory.limit_in_bytes", value: `${memoryBytes}` },
      // There only if the kernel accounts for swap.
      { tree: 0, file: "memory.memsw.limit_in_bytes", value: `${memoryBytes}`, optional: true },
      { tree: 1, file: "pids.max", value: `${maxProcesses}` },
      { tree: 2, file: "cpu.cfs_period_us", value: `${cpuPeriodUs}` },
      { tree: 2, file: "cpu.cfs_quota_us", value: `${quota(cpus)}` },
    ],
    eventsFile: "memory.oom_control",
    // The peak. The kernel's count of refusals leaves out those for memory and swap together.
    fullness: {
      file: "memory.max_usage_in_bytes",
      pattern: /^(\d+)$/m,
      least: ({ memoryBytes }) => memoryBytes - unusedBytes,
    },
    residentLine: /^total_rss (\d+)$/m,
    delegates: false,
  };
}

/**
 * Control groups of this process, for limits of memory, processes and processor time that a guest cannot escape. Makes
 * nothing yet. Where `available()` says that groups cannot be made, a backend runs without them and does not declare
 * `memory` and `processes`. The backend's own `sweep` calls this one's.
 *
 * @param root where the kernel's control groups are mounted
 */
export function controlGroups(root = systemRoot): ControlGroups {
  const layout = layoutOf(root);
  let tested = false;

  /** A daemon that puts something into a group makes the group in the trees of the other controllers too. */
  const everyTree = () => (layout.delegates ? layout.trees : foldersOf(root).map((name) => join(root, name)));

  /** Makes the parent too, each time: another process may remove it with its last group at any moment. */
  const makeFolder = (tree: string, name: string): string => {
    const parent = join(tree, parentName);
    for (let tries = 1; ; tries++) {
      try {
        mkdirSync(parent, { recursive: true });
        if (layout.delegates) {
          for (const folder of [tree, parent]) writeFileSync(join(folder, "cgroup.subtree_control"), "+memory +pids +cpu");
        }
        mkdirSync(join(parent, name));
        return join(parent, name);
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT" || tries === makingTries) throw error;
      }
    }
  };

  const make = (limits: GroupLimits): ControlGroup => {
    if (!existsSync(layout.trees[0] ?? "")) throw new Error(`there is no ${layout.trees[0]}`);
    const name = `${ownerOf(pid)}_${randomUUID()}`;
    const folders: string[] = [];
    try {
      for (const tree of layout.trees) folders.push(makeFolder(tree, name));
      for (const { tree, file, value, optional } of layout.settings(limits)) {
        const path = join(folders[tree] ?? "", file);
        // A missing file is not created: a group's files are the kernel's.
        if (existsSync(path)) writeFileSync(path, value);
        else if (optional === undefined) throw new Error(`there is no ${file}`);
      }
    } catch (error) {
      for (const folder of folders) tryTo(() => rmdirSync(folder));
      throw error;
    }
    const [memory = ""] = folders;
    const enter = ["/bin/sh", "-c", enterScript, "sh", ...folders.map((folder) => join(folder, "cgroup.procs")), "--"];
    let lastKills = 0;
    let removed: Promise<void> | undefined;
    return {
      enter,
      path: `/${parentName}/${name}`,
      wasFull() {
        const { file, pattern, least } = layout.fullness;
        let found = 0;
        tryTo(() => {
          found = Number(pattern.exec(readFileSync(join(memory, file), "utf8"))?.[1] ?? 0);
        });
        return found >= least(limits);
      },
      outOfMemoryKills() {
        // After the group's end the last known number stands.
        tryTo(() => {
          lastKills = Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(memory, layout.eventsFile), "utf8"))?.[1] ?? 0);
        });
        return lastKills;
      },
      residentBytes() {
        let found: string | undefined;
        tryTo(() => {
          found = layout.residentLine.exec(readFileSync(join(memory, "memory.stat"), "utf8"))?.[1];
        });
        return found === undefined ? null : Number(found);
      },
      async empty() {
        if (folders.every((folder) => processesIn(folder).length === 0)) return;
        // Nothing new may start while the rest is being ended.
        limitProcesses(folders, 0);
        for (let tries = 0; folders.map(endProcesses).includes(true); tries++) {
          if (tries === removal.tries) throw new Error(`processes of the control group ${name} do not end`);
          await delay(removal.pauseMs);
        }
        limitProcesses(folders, limits.maxProcesses);
      },
      remove() {
        removed ??= removeGroup(everyTree(), name);
        return removed;
      },
    };
  };

  return {
    make,
    available() {
      try {
        if (!tested) void make({ memoryBytes: 2 ** 24, maxProcesses: 1, cpus: 1 }).remove();
        tested = true;
        return { status: "available" };
      } catch (error) {
        return {
          status: "unavailable",
          reason: `no control group can be made below ${root}: ${(error as Error).message}`,
          fix: "Run mcp-code-bench as root, where control groups for memory, pids and cpu are mounted and may be written.",
        };
      }
    },
    async sweep() {
      const trees = everyTree();
      const names = new Set(trees.flatMap((tree) => foldersOf(join(tree, parentName))));
      const gone = [...names].filter((name) => name.includes("_") && ownerIsGone(name.split("_")[0] ?? ""));
      await Promise.all(gone.map((name) => removeGroup(trees, name)));
    },
  };
}

/** Names of the folders in a folder; empty if it does not exist. */
function foldersOf(folder: string): string[] {
  let entries: Dirent[] = [];
  tryTo(() => {
    entries = readdirSync(folder, { withFileTypes: true });
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Never rejects: a group that cannot be removed is left to the next sweep. */
async function removeGroup(trees: readonly string[], group: string): Promise<void> {
  const folders = trees.map((tree) => join(tree, parentName, group)).filter((folder) => existsSync(folder));
  limitProcesses(folders, 0);
  for (const folder of folders) {
    for (let tries = 0; tries < removal.tries; tries++) {
      endProcesses(folder);
      tryTo(() => rmdirSync(folder));
      if (!existsSync(folder)) break;
      await delay(removal.pauseMs);
    }
    // Fails as long as other groups are in it.
    tryTo(() => rmdirSync(join(folder, "..")));
  }
}

function limitProcesses(folders: readonly string[], most: number): void {
  for (const folder of folders) {
    const limit = join(folder, "pids.max");
    if (existsSync(limit)) tryTo(() => writeFileSync(limit, `${most}`));
  }
}

/** Ids of the processes of a group that have not ended. Zero stands for one that is not of this process namespace. */
function processesIn(folder: string): number[] {
  let running: number[] = [];
  tryTo(() => {
    running = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  });
  return running;
}

/** Whether there were any. */
function endProcesses(folder: string): boolean {
  const running = processesIn(folder);
  for (const id of running) if (id > 0) tryTo(() => kill(id, "SIGKILL"));
  return running.length > 0;
}

/** For files and processes that may be gone by now, or belong to somebody else. */
function tryTo(operation: () => void): void {
  try {
    operation();
  } catch {
    // The caller looks at what is there afterwards.
  }
}
