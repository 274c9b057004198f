/** A child process that plays block after block, one for each byte that it is sent on its fourth stream. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface TurnTaker {
  /** Waits for the next line of its output. */
  line(): Promise<string>;
  /** Lets it go on to its next line. */
  go(): void;
  /** Waits until it is gone; rejects if it failed. */
  ended(): Promise<void>;
  /** Ends it, if it is still there. */
  stop(): void;
}

export function turnTaker(args: readonly string[]): TurnTaker {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const [, stdout, errors, turns] = child.stdio as unknown as [null, Readable, Readable, Writable];
  let stderr = "";
  errors.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const gone = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`node ${args.join(" ")} ended with ${code ?? signal}:\n${stderr.slice(-4_000)}`));
    });
  });
  // Whoever waits for a line or the end sees the failure.
  gone.catch(() => undefined);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    async line() {
      const next = await lines.next();
      if (next.done !== true) return next.value;
      await gone;
      throw new Error(`node ${args.join(" ")} ended before its last line.`);
    },
    go: () => void turns.write("\n"),
    ended: () => gone,
    stop: () => void child.kill("SIGKILL"),
  };
}
