/** The thread that QuickJS runs in. */
import { parentPort } from "node:worker_threads";
import { serve } from "../../runner/engine/serve.ts";
import type { FromWorker, ToWorker } from "../../wire/engine-protocol.ts";
import { quickjsEngine, threadStackBytes } from "./vm.ts";

if (parentPort === null) throw new Error("quickjs/worker runs as a worker thread");
const port = parentPort;
const send = (message: FromWorker) => port.postMessage(message);
const receive = await serve({ factory: quickjsEngine(threadStackBytes), now: () => performance.now(), send });
port.on("message", (message: ToWorker) => receive(message));
send({ type: "ready" });
