/** The process that isolates run in. A guest that brings its engine down ends only this process. */
import process from "node:process";
import { serve } from "../../runner/engine/serve.ts";
import type { FromWorker, ToWorker } from "../../wire/engine-protocol.ts";
import { isolateEngine } from "./engine.ts";

const send = (message: FromWorker) => void process.send?.(message);
// Without its host there is nobody to report to.
process.on("disconnect", () => process.exit());
const receive = await serve({ factory: isolateEngine, now: () => performance.now(), send });
process.on("message", (message) => receive(message as ToWorker));
send({ type: "ready" });
