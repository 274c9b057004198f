/** Guests of a few lines for raw floors whose guest is a process of Node or Deno, and the host's side of what they say. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { channelFolder, channelSocket } from "../../sandboxes/runner/process/supervisor.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

/** CommonJS, where the guest's channel is a Unix socket. */
export const socketChannel = `const input = require("node:net").connect("${channelFolder}/${channelSocket}"), output = input;`;
/** A module, where it is its standard input and output. */
export const pipeChannel = `import process from "node:process"; const input = process.stdin, output = process.stdout;`;

/** What a guest does in a cold start: says that it is there, and stays. */
export const helloSource = (channel: string) => `${channel} input.on("data", () => {}); output.write("2");`;
/** Sends as many bytes as one call of ours and waits for them to come back, `calls` times; then its own figure. */
export const echoSource = (channel: string, calls: number) => `${channel}
const bytes = Buffer.alloc(${messageBytes}, 120); let left = ${calls}, seen = 0; const start = performance.now();
input.on("data", (chunk) => { seen += chunk.length; if (seen < bytes.length) return; seen = 0;
output.write(--left === 0 ? String((performance.now() - start) / ${calls}) + "\\n" : bytes); });
output.write(bytes);`;

/** How long a guest took to say something. */
export async function untilHello(input: Readable, since: number): Promise<number> {
  await new Promise((resolve) => input.once("data", resolve));
  return performance.now() - since;
}

/** Gives a guest's bytes back until it tells its figure. */
export function untilFigure(input: Readable, output: Writable): Promise<number> {
  return new Promise((resolve) => {
    let figure = "";
    input.on("data", (chunk: Buffer) => {
      if (chunk[0] === 120) {
        output.write(chunk);
        return;
      }
      figure += String(chunk);
      if (figure.endsWith("\n")) resolve(Number(figure));
    });
  });
}

/** Starts a process, hands its pipes over, and ends it and its group once `use` is done. */
export async function withProcess(
  [file = "", ...args]: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  use: (input: Readable, output: Writable) => Promise<number>,
): Promise<number> {
  const child = spawn(file, args, { ...options, stdio: ["pipe", "pipe", "inherit"], detached: true });
  const gone = exitOf(child);
  const ended = gone.then(() => Promise.reject(new Error(`${file} ended`)));
  ended.catch(() => undefined);
  try {
    return await Promise.race([use(child.stdout, child.stdin), ended]);
  } finally {
    endGroup(child);
    await gone;
  }
}

const exitOf = (child: ChildProcess) => new Promise<void>((resolve) => child.once("close", () => resolve()));

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it has gone by itself.
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Listens in a folder of its own, has `start` start a guest that connects, and ends with what `start` gives for that. */
export async function withSocketGuest(
  tmpDir: string,
  start: (channel: string) => Promise<() => Promise<void>>,
  use: (input: Readable, output: Writable) => Promise<number>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpDir, "hand-"));
  const channel = join(folder, "channel");
  mkdirSync(channel);
  const server = createServer();
  const connected = new Promise<Readable & Writable>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) =>
    server.listen({ path: join(channel, channelSocket), readableAll: true, writableAll: true }, resolve),
  );
  const end = await start(channel);
  try {
    const socket = await connected;
    return await use(socket, socket);
  } finally {
    server.close();
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
}
