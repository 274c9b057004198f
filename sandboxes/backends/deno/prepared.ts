/**
 * What Deno is started with. Deno compiles its own parts of Node in every process, which takes longer than all the rest of a
 * start, unless it finds them compiled in its folder. So one process that no guest has been in fills a folder, and each
 * session is given a copy, which is its own.
 */
import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { denoEnvironment } from "./arguments.ts";

/** Milliseconds after which a process that does not end is ended. */
const fillMs = 45_000;

/** Maps of its databases in memory, which Deno makes anew. */
const notCopied = /-shm$/;

/**
 * Fills `cache`, the absolute path of a folder, by starting `command`: it says something on its standard output, and ends
 * with its standard input. Never rejects; what could not be filled makes starts slower.
 */
export async function fillCache(cache: string, [file, ...args]: readonly [string, ...string[]]): Promise<void> {
  await new Promise((resolve) => {
    const child = spawn(file, args, {
      env: denoEnvironment(cache),
      stdio: ["pipe", "pipe", "ignore"],
      timeout: fillMs,
      killSignal: "SIGKILL",
    });
    child.stdin.on("error", resolve);
    child.stdout.once("data", () => child.stdin.end()).resume();
    child.on("error", resolve);
    child.on("close", resolve);
  });
}

/** `to`: absolute path of a folder, which is made. */
export async function copyCache(from: string, to: string): Promise<void> {
  await mkdir(to);
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !notCopied.test(entry.name));
  await Promise.all(files.map(({ name }) => copyFile(join(from, name), join(to, name))));
}
