import { expect, test } from "vitest";
import type { CallReply, GuestBridge, RunOptions } from "../../../contract/index.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import type { FromWorker, ToWorker } from "../../wire/engine-protocol.ts";
import { engineSession } from "./session.ts";
import type { EngineThread, ThreadDeath, ThreadUser } from "./thread.ts";

/** A thread that does nothing by itself: tests say what it sends, and how it dies. */
function fakeThread() {
  const posted: ToWorker[] = [];
  const released: boolean[] = [];
  let user: ThreadUser | undefined;
  let death: ThreadDeath | undefined;
  const thread: EngineThread = {
    started: Promise.resolve(undefined),
    death: () => death,
    assign(next) {
      user = next;
    },
    open: () => undefined,
    post: (message) => void posted.push(message),
    stop: async () => undefined,
  };
  const session = engineSession({
    sandbox: "fake",
    thread,
    open: { files: new Map(), memoryBytes: 1e6 },
    data: new Map(),
    async release(reusable) {
      released.push(reusable);
    },
  });
  return {
    session,
    posted,
    released,
    send: (message: FromWorker) => user?.message(message),
    die(next: ThreadDeath) {
      death = next;
      user?.died(next);
    },
    lastRun: () => posted.findLast((message) => message.type === "run")?.run ?? Number.NaN,
  };
}

const progress = { output: "", files: { read: [], wrote: [] }, callWaves: 0 };
const done = (run: number, output = ""): FromWorker => ({
  type: "done",
  run,
  end: { status: "returned" },
  outputCut: false,
  virtualWaitMs: 0,
  progress: { ...progress, output },
});
const program = { file: "program.ts", source: "" };
const options = (bridge: GuestBridge): RunOptions => ({ bridge, wallTimeMs: patientMs, outputBytes: 1000, virtualTime: false });
const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };

test("a thread that dies during a run is SANDBOX_UNAVAILABLE, and the thread is not used again", async () => {
  const { session, die, released } = fakeThread();
  const run = session.run(program, options(silent));
  die({ reason: "its thread ended with code 1", outOfMemory: false });
  await expect(run).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  expect(released).toEqual([false]);
  await expect(session.run(program, options(silent))).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});

test("a thread that dies between runs is SANDBOX_UNAVAILABLE at the next use", async () => {
  const { session, die, released } = fakeThread();
  die({ reason: "gone", outOfMemory: false });
  await expect(session.listFiles()).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  await session.close();
  expect(released).toEqual([false]);
});

test("a thread whose own heap is exhausted has exceeded the memory limit", async () => {
  const { session, die } = fakeThread();
  const run = session.run(program, options(silent));
  die({ reason: "heap", outOfMemory: true });
  await expect(run).resolves.toMatchObject({ status: "limit-exceeded", limit: "memory" });
});

test("calls outside a run, and of an earlier run, reach no bridge", async () => {
  const calls: string[] = [];
  const bridge: GuestBridge = {
    async call(_server, tool): Promise<CallReply> {
      calls.push(tool);
      return { status: "ok", text: "" };
    },
  };
  const call = (run: number, tool: string): FromWorker => ({
    type: "calls",
    run,
    calls: [{ id: 1, server: "lab", tool, inputJson: "{}" }],
    progress,
  });
  const { session, send, lastRun } = fakeThread();
  send(call(1, "before any run"));
  const first = session.run(program, options(bridge));
  const firstId = lastRun();
  send(call(firstId, "during"));
  send(done(firstId));
  await first;
  send(call(firstId, "after"));
  const second = session.run(program, options(bridge));
  send(call(firstId, "of the run before"));
  send(done(firstId, "stale"));
  send(done(lastRun(), "own"));
  expect((await second).text).toBe("own");
  expect(calls).toEqual(["during"]);
});

test("a reply that arrives after its run is not sent on", async () => {
  const reply = Promise.withResolvers<CallReply>();
  let aborted = false;
  const bridge: GuestBridge = {
    call(_server, _tool, _input, signal) {
      signal?.addEventListener("abort", () => {
        aborted = true;
      });
      return reply.promise;
    },
  };
  const { session, send, lastRun, posted } = fakeThread();
  const run = session.run(program, options(bridge));
  send({ type: "calls", run: lastRun(), calls: [{ id: 1, server: "lab", tool: "slow", inputJson: "{}" }], progress });
  send(done(lastRun()));
  await run;
  expect(aborted).toBe(true);
  reply.resolve({ status: "ok", text: "late" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted.filter((message) => message.type === "reply")).toEqual([]);
});

test("what is asked of a session that closes meanwhile is SESSION_CLOSED, and answers of an earlier session match nothing", async () => {
  const earlier = fakeThread();
  const asked = earlier.session.listFiles();
  await earlier.session.close();
  await expect(asked).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  const later = fakeThread();
  const files = later.session.listFiles();
  const ids = [earlier, later].map(({ posted }) => posted.findLast((message) => message.type === "listFiles")?.request);
  expect(new Set(ids).size).toBe(2);
  later.send({ type: "answer", request: ids[0] ?? 0, value: ["theirs"] });
  later.send({ type: "answer", request: ids[1] ?? 0, value: ["own"] });
  await expect(files).resolves.toEqual(["own"]);
});
