/**
 * The process around a control's worker thread: it passes messages on and does nothing else. A worker that meets its heap
 * limit at a bad moment makes V8 abort the whole process, and that must not be the host's.
 */
import process from "node:process";
import { Worker } from "node:worker_threads";
import { codeUrl } from "../../guest-files.ts";
import type { FromRunner } from "../../wire/messages.ts";
import { standardStream } from "../stream.ts";

const [, , kind = "", heapMb = ""] = process.argv;
const worker = new Worker(codeUrl("runner/realm/worker"), {
  name: kind,
  env: {},
  argv: [],
  execArgv: ["--disable-warning=ExperimentalWarning"],
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: Number(heapMb) },
  workerData: kind,
});
const end = (reason: string) => process.stderr.write(`${reason}\n`, () => process.exit(1));
worker.on("error", (error: Error) => end(error.message));
worker.on("exit", (code) => end(`the thread ended with code ${code}`));
const { send, receive } = await standardStream();
// Numbers say what the thread has taken, which only its own host would count.
worker.on("message", (message: FromRunner | number) => {
  if (typeof message !== "number") send(message);
});
receive((message) => worker.postMessage(message));
