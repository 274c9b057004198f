/** The thread that reads standard input for one that waits; see standard-input.ts. */
import { Socket } from "node:net";
import { kill, pid } from "node:process";
import { type MessagePort, workerData } from "node:worker_threads";

const { port, arrivals } = workerData as { port: MessagePort; arrivals: Int32Array };
const input = new Socket({ fd: 0, readable: true, writable: false });
input.on("data", (chunk) => {
  port.postMessage(new Uint8Array(chunk));
  Atomics.add(arrivals, 0, 1);
  Atomics.notify(arrivals, 0);
});
const end = () => kill(pid, "SIGKILL");
input.on("end", end);
input.on("close", end);
input.on("error", end);
