/**
 * QuickJS by hand in a worker thread: a machine with one function, in a thread that stands ready with the engine
 * compiled, asked for a first trivial result.
 */
import { Worker } from "node:worker_threads";
import { overMessages, type RawFloor } from "./raw.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

const workerSource = `const { parentPort } = require("node:worker_threads");
const { readFileSync } = require("node:fs");
(async () => {
  const { QuickJS } = await import(LIBRARY);
  const compile = (file) => WebAssembly.compile(readFileSync(new URL(file, LIBRARY)));
  const wasm = await compile(ENGINE);
  const deadline = () => false;
  parentPort.on("message", async (message) => {
    if (typeof message === "string") return;
    const { calls } = message;
    const vm = await QuickJS.create({ wasm, interruptHandler: deadline });
    vm._getExports().qjs_set_memory_limit(64 * 2 ** 20);
    vm.newFunction("send", (text) => { parentPort.postMessage(text.toString()); return vm.undefined; })
      .consume((handle) => vm.setProp(vm.global, "send", handle));
    const compute = vm.evalCode('(function (text) { if (text !== "") send(text); return 1 + 1; })', "floor");
    const run = (text) => vm.newString(text).consume((handle) => vm.callFunction(compute, vm.undefined, handle).consume((result) => result.toNumber()));
    const end = (value) => { parentPort.off("message", back); compute.dispose(); vm.dispose(); parentPort.postMessage(value); };
    let left = calls;
    const start = performance.now();
    const back = (text) => { if (typeof text !== "string") return; if (--left > 0) run(text); else end((performance.now() - start) / calls); };
    parentPort.on("message", back);
    if (calls === 0) end(run("")); else run("x".repeat(${messageBytes}));
  });
  parentPort.postMessage("ready");
})();
`;

export const floor: RawFloor = {
  id: "quickjs",
  note: "A machine with one function in a worker thread that stands ready, its memory limited, its interrupt handler set; messages of worker threads.",
  async prepare(host) {
    const library = import.meta.resolve("quickjs-wasi");
    const engine = import.meta.resolve("quickjs-wasi/quickjs.wasm");
    const source = workerSource.replaceAll("LIBRARY", JSON.stringify(library)).replaceAll("ENGINE", JSON.stringify(engine));
    const worker = new Worker(source, { eval: true, env: {} });
    await new Promise((resolve) => worker.once("message", resolve));
    return {
      ...overMessages(
        { send: (message) => worker.postMessage(message), on: worker.on.bind(worker), off: worker.off.bind(worker) },
        host.now,
      ),
      dispose: () => worker.terminate().then(() => undefined),
    };
  },
};
