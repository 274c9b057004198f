/** How Deno is started, for the backend and for the benchmark that compares it with the raw program. */
import { join } from "node:path";
import { runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { dataRoot, treeRoot } from "../../host/session/session-tree.ts";

/** V8 refuses less than this many MiB. */
const leastHeapMiB = 16;

/** Deno fetches nothing, asks nothing and reads no settings. The environment holds only these variables. */
const closed = ["--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only", "--quiet"];

/**
 * `workspace` is readable, and writable but for the tree and the data. No network, processes, libraries or system facts.
 * `proxy`: absolute path of a Unix socket that it may connect to, for which Deno wants three permissions.
 */
export const denoArguments = (workspace: string, memoryBytes: number, proxy?: string): string[] => [
  "run",
  ...closed,
  `--allow-read=${[workspace, ...(proxy === undefined ? [] : [proxy])]}`,
  `--allow-write=${[workspace, ...(proxy === undefined ? [] : [proxy])]}`,
  ...(proxy === undefined ? [] : [`--allow-net=unix:${proxy}`]),
  `--deny-write=${join(workspace, treeRoot)},${join(workspace, dataRoot)}`,
  "--allow-env",
  `--v8-flags=--max-old-space-size=${Math.max(leastHeapMiB, Math.floor(memoryBytes / 2 ** 20))}`,
];

/** `cache`: absolute path of a folder that Deno itself may write and the guest may not. */
export const denoEnvironment = (cache: string): Readonly<Record<string, string>> => ({
  ...runnerEnvironment,
  DENO_DIR: cache,
  DENO_NO_PACKAGE_JSON: "1",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
});
