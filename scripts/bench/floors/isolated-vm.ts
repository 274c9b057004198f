/**
 * isolated-vm by hand: an isolate in a child process that is there already, given a function for its calls and asked for
 * a first trivial result. The process is made beforehand, as the backend's own are after the first.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { overMessages, type RawFloor, type ReadyPeer } from "./raw.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

const childSource = (library: string) => `const ivm = require(${JSON.stringify(library)});
const { writeSync } = require("node:fs");
const text = "x".repeat(${messageBytes});
let back;
process.stdin.on("end", () => process.exit());
process.stdin.on("data", (chunk) => {
  if (chunk[0] === 120) return back();
  const calls = Number(chunk);
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const context = isolate.createContextSync();
  let left = calls, start = performance.now();
  context.global.setSync("send", new ivm.Callback((message) => void writeSync(1, message)));
  const compute = context.evalSync(${JSON.stringify('(function (text) { if (text !== "") send(text); return 1 + 1; })')}, { reference: true });
  const run = (message) => compute.applySync(undefined, [message], { timeout: 60000 });
  const end = (value) => { isolate.dispose(); writeSync(1, String(value)); };
  back = () => { if (--left > 0) run(text); else end((performance.now() - start) / calls); };
  if (calls === 0) end(run("")); else run(text);
});
writeSync(1, "ready");
`;

export const floor: RawFloor = {
  id: "isolated-vm",
  note: "An isolate with one function in a child process that stands ready, its timeout set, its memory limited; bytes over its standard input and output.",
  async prepare(host) {
    const file = join(host.tmpDir, "floor-isolated-vm.cjs");
    writeFileSync(file, childSource(fileURLToPath(import.meta.resolve("isolated-vm"))));
    const child = spawn(host.nodePath, ["--no-node-snapshot", file], { env: { TZ: "UTC" }, stdio: ["pipe", "pipe", "ignore"] });
    const { stdin, stdout } = child;
    await once(stdout, "data");
    let listener: ((message: unknown) => void) | undefined;
    stdout.on("data", (chunk: Buffer) => listener?.(chunk[0] === 120 ? String(chunk) : Number(chunk)));
    const peer: ReadyPeer = {
      send: (message) => stdin.write(typeof message === "string" ? message : String((message as { calls: number }).calls)),
      on(_, next) {
        listener = next;
      },
      off() {
        listener = undefined;
      },
    };
    return {
      ...overMessages(peer, host.now),
      async dispose() {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      },
    };
  },
};
