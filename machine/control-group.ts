/**
 * Control groups for backends that start host processes themselves: the kernel then bounds memory, processes and
 * processor time of whatever a guest starts. Each session has one of its own, named for its owner, so that what a crash
 * leaves can be told from what a living harness holds. Needs root: a group of its own is nobody else's to make.
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
/** The kernel hands out memory in batches: so much may be left when there is none. */
const unusedBytes = 2 * 2 ** 20;
const makingTries = 100;
/** A killed process takes a moment to leave its group. */
const removal = { tries: 1_000, pauseMs: 5 } as const;

export interface GroupLimits {
  /** Of the whole group, the engine's own included (Node takes some 50 MB). Swap is included: there is none on top. */
  readonly memoryBytes: number;
  /** Threads count, as the kernel counts them; Node alone has a dozen. */
  readonly maxProcesses: number;
  /** Processors' worth of time, e.g. 1. */
  readonly cpus: number;
}

export interface ControlGroup {
  /**
   * Put before a command: `[...group.enter, ...command]`. It runs inside from its first instruction on, and so does all that
   * it forks; a process that is moved into a group later leaves outside what it has forked by then.
   */
  readonly enter: readonly string[];
  /** Below the root of every tree, e.g. for a daemon that is to put a container inside. */
  readonly path: string;
  /** Processes that the kernel has ended for this group's memory. */
  outOfMemoryKills(): number;
  /** Whether it ever ran out of memory, groups inside it included. That alone ends nothing: caches may have made room. */
  wasFull(): boolean;
  /** Bytes without the page cache; `null` if the kernel does not tell. */
  residentBytes(): number | null;
  /** Ends every process inside, whatever process group it is in, and the group. Idempotent; never rejects. */
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
  /** Of the first tree: holds what tells that memory ran out, in the number that the pattern finds, from `least` on. */
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
    // Its peak: what it counts as refused leaves out what was refused for memory and swap together.
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
 * nothing yet. Where `available()` says that none can be made, a backend runs without and does not declare `memory` and
 * `processes`. `sweep` belongs into the backend's own.
 *
 * @param root where the kernel's control groups are mounted
 */
export function controlGroups(root = systemRoot): ControlGroups {
  const layout = layoutOf(root);
  let tested = false;

  /** Whoever puts something into a group makes it in the trees of the other controllers too. */
  const everyTree = () => (layout.delegates ? layout.trees : foldersOf(root).map((name) => join(root, name)));

  /** With its parent, each time: whoever removes the last group removes that, also in the midst of this. */
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
        // Not made if it is not there: a group's files are the kernel's.
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
        // Asked after its end, it tells what was last known.
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

/** Names; none if it is not there. */
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
  // Nothing new starts while what is there is ended.
  for (const folder of folders) {
    const limit = join(folder, "pids.max");
    if (existsSync(limit)) tryTo(() => writeFileSync(limit, "0"));
  }
  for (const folder of folders) {
    for (let tries = 0; tries < removal.tries; tries++) {
      let running: number[] = [];
      tryTo(() => {
        running = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
      });
      for (const id of running) if (id > 0) tryTo(() => kill(id, "SIGKILL"));
      tryTo(() => rmdirSync(folder));
      if (!existsSync(folder)) break;
      await delay(removal.pauseMs);
    }
    // Fails as long as other groups are in it.
    tryTo(() => rmdirSync(join(folder, "..")));
  }
}

/** For what may have gone meanwhile, or is somebody else's. */
function tryTo(operation: () => void): void {
  try {
    operation();
  } catch {
    // Told by what is there afterwards.
  }
}
