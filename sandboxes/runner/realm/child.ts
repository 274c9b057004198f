/**
 * The process around a control's worker thread: it passes messages on and does nothing else. A worker that meets its heap
 * limit at a bad moment makes V8 abort the whole process, and that must not be the host's.
 */
import process from "node:process";
import { Worker } from "node:worker_threads";
import { codeUrl } from "../../guest-files.ts";

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
worker.on("message", (message) => process.send?.(message));
process.on("message", (message) => worker.postMessage(message));
// Without its host there is nobody to report to.
process.on("disconnect", () => process.exit());
