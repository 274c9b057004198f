/**
 * isolated-vm by hand: an isolate in a child process that is there already, given a function for its calls and asked for
 * a first trivial result. The process is made beforehand, as the backend's own are after the first.
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { overMessages, type RawFloor } from "./raw.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

const childSource = (library: string) => `const ivm = require(${JSON.stringify(library)});
process.on("disconnect", () => process.exit());
process.on("message", (first) => {
  if (typeof first === "string") return;
  const { calls } = first;
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const context = isolate.createContextSync();
  const text = "x".repeat(${messageBytes});
  let left = calls, start = performance.now();
  context.global.setSync("send", new ivm.Callback((message) => void process.send(message)));
  const compute = context.evalSync(${JSON.stringify('(function (text) { if (text !== "") send(text); return 1 + 1; })')}, { reference: true });
  const run = (message) => compute.applySync(undefined, [message], { timeout: 60000 });
  const end = (value) => { process.off("message", back); isolate.dispose(); process.send(value); };
  const back = (message) => { if (typeof message !== "string") return; if (--left > 0) run(message); else end((performance.now() - start) / calls); };
  process.on("message", back);
  if (calls === 0) end(run("")); else run(text);
});
process.send("ready");
`;

export const floor: RawFloor = {
  id: "isolated-vm",
  note: "An isolate with one function in a child process that stands ready, its timeout set, its memory limited; messages over Node's own channel.",
  async prepare(host) {
    const file = join(host.tmpDir, "floor-isolated-vm.cjs");
    writeFileSync(file, childSource(fileURLToPath(import.meta.resolve("isolated-vm"))));
    const child: ChildProcess = fork(file, {
      execPath: host.nodePath,
      execArgv: ["--no-node-snapshot"],
      env: { TZ: "UTC" },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    await new Promise((resolve) => child.once("message", resolve));
    return {
      ...overMessages(
        { send: (message) => child.send(message as object), on: child.on.bind(child), off: child.off.bind(child) },
        host.now,
      ),
      async dispose() {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      },
    };
  },
};
