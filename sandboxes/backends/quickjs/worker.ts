/** The thread that QuickJS runs in. */
import { serveThread } from "../../runner/engine/serve-thread.ts";
import { quickjsEngine, threadStackBytes } from "./vm.ts";

await serveThread(quickjsEngine(threadStackBytes));
