/** The process that isolates run in. A guest that brings its engine down ends only this process. */
import { serve } from "../../runner/engine/serve.ts";
import { standardStream } from "../../runner/stream.ts";
import { isolateEngine } from "./engine.ts";

const { send, receive } = await standardStream();
receive(await serve({ factory: isolateEngine, now: () => performance.now(), send }));
