/** Bubblewrap's arguments, for the backend and for the benchmark that compares it with the raw program. */
import { dirname, join } from "node:path";
import type { DataFolder } from "../../../contract/index.ts";
import { temporaryBytes, workspaceBytes } from "../../host/runner/box-limits.ts";
import { runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { dataRoot, treeRoot } from "../../host/session/session-tree.ts";
import {
  boxWorkspace,
  channelFolder,
  errorBytes,
  errorFolders,
  supervisorCapabilities,
} from "../../runner/process/supervisor.ts";

/** A path of the host, read-only at a path of the box. */
export type Mount = readonly [source: string, target: string];

export interface BubbleMounts {
  /** Programs, libraries, the runner. */
  readonly runtime: readonly Mount[];
  /** Folder of the channel's socket. */
  readonly channel: string;
  /** Holds `servers/`. */
  readonly tree: string;
  readonly data: readonly DataFolder[];
}

/**
 * Everything that decides how it isolates. `--unshare-user` is left out: in a user namespace the guest would be root to
 * the kernel's own files. Only process 1 keeps rights; what it starts gives them up.
 */
export const isolation: readonly string[] = [
  "--unshare-net",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--unshare-cgroup",
  "--hostname",
  "sandbox",
  "--new-session",
  "--die-with-parent",
  "--as-pid-1",
  ...["--cap-drop", "ALL"],
  ...supervisorCapabilities.flatMap((name) => ["--cap-add", `CAP_${name}`]),
  "--clearenv",
  ...Object.entries({ ...runnerEnvironment, PATH: "/usr/bin:/bin" }).flatMap(([name, value]) => ["--setenv", name, value]),
  ...["--proc", "/proc"],
  ...["--dir", "/dev"],
  ...["null", "zero", "urandom"].flatMap((device) => ["--dev-bind", `/dev/${device}`, `/dev/${device}`]),
  ...["--perms", "1777", "--size", `${temporaryBytes}`, "--tmpfs", "/tmp"],
  ...["--perms", "1777", "--size", `${workspaceBytes}`, "--tmpfs", boxWorkspace],
  ...["--dir", dirname(channelFolder)],
  ...errorFolders.flatMap((folder) => ["--perms", "0755", "--size", `${errorBytes}`, "--tmpfs", folder]),
];

/** Arguments of `bwrap`, `command` included, which is process 1 inside. */
export function bubbleArguments({ runtime, channel, tree, data }: BubbleMounts, command: readonly string[]): string[] {
  const mounts: Mount[] = [
    ...runtime,
    [channel, channelFolder],
    [join(tree, treeRoot), `${boxWorkspace}/${treeRoot}`],
    ...data.map(({ name, path }): Mount => [path, `${boxWorkspace}/${dataRoot}/${name}`]),
  ];
  return [
    ...isolation,
    ...foldersAbove(mounts.map(([, target]) => target)).flatMap((folder) => ["--dir", folder]),
    ...mounts.flatMap(([source, target]) => ["--ro-bind", source, target]),
    ...["--remount-ro", "/"],
    ...["--chdir", boxWorkspace],
    "--",
    ...command,
  ];
}

/** Named, because only root can enter those that bubblewrap makes by itself. Sorted, so that the outer ones come first. */
function foldersAbove(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) for (let up = dirname(path); up !== "/"; up = dirname(up)) folders.add(up);
  return [...folders].sort();
}
