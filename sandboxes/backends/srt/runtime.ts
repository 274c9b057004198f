/** How the sandbox runtime is found and started, for the backend and for the benchmark that compares it with the raw program. */
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GroupLimits } from "../../../machine/control-group.ts";
import { usualPath } from "../../../machine/installed-files.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../host/runner/box-limits.ts";
import { runnerEnvironment } from "../../host/runner/node-arguments.ts";

const packageName = "@anthropic-ai/sandbox-runtime";
/** Programs that it starts. */
export const neededPrograms = ["bwrap", "socat", "rg"];
/** Where a shell and the libraries of a Debian machine are; links among them lead to the others. */
const systemFolders = ["/usr", "/lib", "/lib64", "/bin"];

/** The runtime is a Node process of its own, with bubblewrap and two bridges to its proxy. */
const runtimeMemoryBytes = 128 * 2 ** 20;
const runtimeProcesses = 64;

/** `memoryBytes`: for the guest. */
export const srtLimits = (memoryBytes: number): GroupLimits => ({
  memoryBytes: memoryBytes + engineMemoryBytes + runtimeMemoryBytes,
  maxProcesses: maxProcesses + runtimeProcesses,
  cpus,
});

/** Bytes of a folder's path in which the runtime's sockets still get one: 107 at most, `/claude-socks-<16 digits>.sock` in it. */
export const longestFolder = 107 - 35;

/** `temporary`: an existing folder. A killed runtime leaves its files there. */
export const srtEnvironment = (path: string | undefined, temporary: string): Readonly<Record<string, string>> => ({
  ...runnerEnvironment,
  PATH: path ?? usualPath,
  HOME: temporary,
  TMPDIR: temporary,
});

export interface SandboxRuntime {
  /** Absolute path of its command line, a JavaScript file. */
  readonly cli: string;
  /** Absolute path of the folder with its filter of system calls, which its own sandbox has to be able to read. */
  readonly filters: string;
  readonly version: string;
}

/** `undefined`: the package is not installed. */
export function sandboxRuntime(): SandboxRuntime | undefined {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(packageName);
  } catch {
    // Not installed.
    return undefined;
  }
  const folder = join(dirname(entry), "..");
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { cli: join(dirname(entry), "cli.js"), filters: join(folder, "vendor", "seccomp"), version };
}

export interface SrtAccess {
  /** Absolute; readable beside the system's programs and libraries. */
  readonly readable: readonly string[];
  /** Absolute; readable too. */
  readonly writable: string;
  /** Absolute; read-only parts of what is writable. They must exist, because the runtime creates what does not. */
  readonly readOnly: readonly string[];
}

/** Its settings file. No host may be reached, and only what is named may be read. */
export const srtSettings = ({ readable, writable, readOnly }: SrtAccess) => ({
  network: { allowedDomains: [] as string[], deniedDomains: [] as string[] },
  filesystem: {
    denyRead: ["/"],
    allowRead: [
      ...systemFolders.filter((path) => existsSync(path) && !lstatSync(path).isSymbolicLink()),
      ...[...readable, writable].map((path) => ({ path, literal: true as const })),
    ],
    allowWrite: [{ path: writable, literal: true as const }],
    denyWrite: readOnly.map((path) => ({ path, literal: true as const })),
  },
});

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Arguments of Node. The command starts in `folder`, which is not where srt itself starts: there it leaves empty files. */
export const srtArguments = (cli: string, settingsFile: string, folder: string, command: readonly string[]): string[] => [
  cli,
  "--settings",
  settingsFile,
  "-c",
  `cd ${quoted(folder)} && exec ${command.map(quoted).join(" ")}`,
];
