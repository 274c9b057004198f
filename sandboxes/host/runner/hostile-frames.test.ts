/**
 * What the host makes of frames that no runner of ours sends. The runner is played here: bytes go over real streams into the
 * session that every backend has.
 */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { CallReply, GuestBridge, Language, Outcome, RunOptions } from "../../../contract/index.ts";
import { random } from "../../../fixtures/random.ts";
import {
  type Attack,
  attacks,
  call,
  calls,
  callsAndMore,
  done,
  frame,
  output,
  started,
  utf8,
  wait,
} from "../../../testing/hostile-frames.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import type { RunnerBox, RunnerConnection, RunnerEnd } from "./box.ts";
import { runnerChannel } from "./channel.ts";
import { openRunnerSession } from "./session.ts";

const memoryBytes = 64 * 2 ** 20;
const outputBytes = 20_000;
const exited: RunnerEnd = { code: 0, signal: null, errorText: "", outOfMemory: false };

/** What a played runner does: it gets what the host sends, frame by frame, and writes what it likes. */
type Play = (runner: { write(bytes: Buffer): void; exit(): void; next(): Promise<string> }) => void | Promise<void>;

/** A box of one played runner after another. */
function playedBox(plays: readonly Play[]): RunnerBox {
  let played = 0;
  const nextRunner = async (): Promise<RunnerConnection> => {
    const [fromRunner, toRunner] = [new PassThrough(), new PassThrough()];
    const ended = Promise.withResolvers<RunnerEnd>();
    const play = plays[played++];
    const frames = framesOf(toRunner);
    const next = async () => (await frames.next()).value ?? "";
    void play?.({ write: (bytes) => void fromRunner.write(bytes), exit: () => ended.resolve(exited), next });
    const channel = runnerChannel(fromRunner, toRunner);
    return { ...channel, ended: ended.promise, release: async () => ended.resolve(exited) };
  };
  return { nextRunner, residentBytes: async () => null, destroy: async () => undefined };
}

/** The kinds of the frames that the host sends. */
async function* framesOf(stream: PassThrough): AsyncGenerator<string, undefined> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      yield String.fromCharCode(bytes[4] ?? 0);
      bytes = bytes.subarray(4 + bytes.readUInt32BE(0));
    }
  }
  return undefined;
}

const opened = (plays: readonly Play[], language: Language = "javascript") =>
  openRunnerSession({
    ...{ sandbox: "played", box: playedBox(plays), files: new Map(), onClosed: () => undefined },
    open: { language, files: new Map(), memoryBytes },
  });

/** It keeps what reaches it. `reply`: its answer; never, where there is none. */
function seeingBridge(reply?: CallReply) {
  const seen: string[] = [];
  const bridge: GuestBridge = {
    async call(server, tool) {
      seen.push(`${server}/${tool}`);
      return reply ?? new Promise(() => undefined);
    },
  };
  return { bridge, seen };
}

const limits = (bridge: GuestBridge, own: Partial<RunOptions> = {}): RunOptions => ({
  ...{ bridge, wallTimeMs: patientMs, outputBytes, virtualTime: true },
  ...own,
});
const program = { file: "program.ts", source: "" };

/** Lets everything happen that was set off. */
const settle = async () => {
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
};

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

/** Sends these bytes once the program was sent, in pieces of so many; then the process ends. */
async function attacked(bytes: Buffer, chunkBytes: number, own: Partial<RunOptions> = {}) {
  const { bridge, seen } = seeingBridge();
  const session = await opened([
    async ({ write, exit, next }) => {
      await next();
      for (const chunk of cut(bytes, chunkBytes)) write(chunk);
      await settle();
      exit();
    },
  ]);
  const outcome = await session.run(program, limits(bridge, own)).finally(() => session.close());
  expectSound(outcome, seen.length);
  return { outcome, seen };
}

/** Whatever came, it is an outcome of the program, with figures that a record can hold. */
function expectSound({ status, activity, text }: Outcome, reached: number): void {
  expect(["returned", "threw", "limit-exceeded"]).toContain(status);
  for (const count of [activity.calls, activity.callWaves]) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
  expect(activity.calls).toBeGreaterThanOrEqual(reached);
  expect(activity.callWaves).toBeLessThanOrEqual(activity.calls);
  expect(Number.isFinite(activity.virtualWaitMs) && activity.virtualWaitMs >= 0).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(outputBytes + 100);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

function endOf(outcome: Outcome): string {
  if (outcome.status === "limit-exceeded") return outcome.limit;
  if (outcome.status === "returned") return "returned";
  if (outcome.error.message === "The program broke the channel of its process") return "broken";
  return outcome.error.message === "The program ended its process with code 0" ? "exited" : "threw";
}

describe.each([
  ["in one piece", Number.MAX_SAFE_INTEGER],
  ["byte by byte", 1],
  ["in pieces of 7 bytes", 7],
])("%s", (_, chunkBytes) => {
  const own = attacks.filter(({ bytes }) => bytes.length / chunkBytes < 50_000);
  test.each<Attack>(own)("$name: $end", async ({ bytes, end, reached = 0, text, virtualWaitMs = 0, read = [] }) => {
    const { outcome, seen } = await attacked(Buffer.concat([started, bytes]), chunkBytes);
    expect(endOf(outcome)).toBe(end);
    if (end === "memory") expect(seen.length).toBeLessThanOrEqual(memoryBytes / 1_024);
    else expect(seen).toHaveLength(reached);
    if (text !== undefined) expect(outcome.text).toBe(text);
    expect(outcome.activity.virtualWaitMs).toBe(virtualWaitMs);
    expect(outcome.activity.read).toEqual(read);
  });
});

test("waits are no frames of a program whose timers are real", async () => {
  const { outcome } = await attacked(Buffer.concat([started, wait(5), done()]), 1_000, { virtualTime: false });
  expect(endOf(outcome)).toBe("broken");
  expect(outcome.activity.virtualWaitMs).toBe(0);
});

test("a wait is acknowledged, each call is answered once, and nothing else is said", async () => {
  const heard: string[] = [];
  const { bridge } = seeingBridge({ status: "ok", text: "plain" });
  const session = await opened([
    async ({ write, next }) => {
      heard.push(await next());
      write(Buffer.concat([started, wait(5)]));
      heard.push(await next());
      write(calls({ id: 1 }, { id: 2, input: utf8("[]") }));
      heard.push(await next(), await next());
      write(done());
    },
  ]);
  await session.run(program, limits(bridge));
  await session.close();
  expect([...heard.slice(0, 2), ...heard.slice(2).toSorted()]).toEqual(["X", "w", "r", "t"]);
});

test("calls that are said to go on, and do not, count as no fewer waves than their program has waited for", async () => {
  const { bridge } = seeingBridge({ status: "ok", text: "" });
  let answered = 0;
  const session = await opened([
    async ({ write, exit, next }) => {
      await next();
      write(started);
      const asked = (async () => {
        for (let id = 1; id <= 5; id++) {
          write(callsAndMore({ id }));
          await next();
          answered++;
        }
      })();
      // Where no answer comes before the rest does, there is nothing to wait for.
      await Promise.race([asked, settle().then(settle)]);
      write(done());
      await settle();
      exit();
    },
  ]);
  const { activity } = await session.run(program, limits(bridge));
  await session.close();
  expect(activity.callWaves).toBeGreaterThanOrEqual(answered);
});

test("what a program sends after its end reaches neither the next one nor the host's questions", async () => {
  const { bridge, seen } = seeingBridge({ status: "ok", text: "" });
  const session = await opened(
    [
      async ({ write, next }) => {
        await next();
        const forged = [calls({ id: 9 }), output("forged"), frame("P", utf8("forged")), frame("A"), wait(50)];
        write(Buffer.concat([started, done(), ...forged]));
        expect(await next()).toBe("G");
        write(Buffer.concat([frame("P", utf8("real")), frame("A")]));
        await next();
        write(Buffer.concat([started, output("next"), done()]));
      },
    ],
    "python",
  );
  const python = { file: "program.py", source: "" };
  await session.run(python, limits(bridge));
  await settle();
  expect(Buffer.from(await session.readFile("x")).toString()).toBe("real");
  const outcome = await session.run(python, limits(bridge));
  await session.close();
  expect(outcome).toMatchObject({ status: "returned", text: "next", activity: { calls: 0, virtualWaitMs: 0 } });
  expect(seen).toEqual([]);
});

describe("what the host asks for", () => {
  const answering = (...frames: readonly Buffer[]) =>
    opened([
      async ({ write, next }) => {
        await next();
        for (const bytes of frames) write(bytes);
      },
    ]);
  const part = (bytes: Buffer) => frame("P", bytes);
  const answer = (code = "") => frame("A", utf8(code));
  const paths = (count: number) => part(utf8(Array.from({ length: count }, (_, n) => `${n}\0`).join("")));

  test("is a file of the session's memory at most", async () => {
    const session = await answering(...Array(65).fill(part(Buffer.alloc(2 ** 20))), answer());
    await expect(session.readFile("x")).rejects.toMatchObject({ code: "LIMIT" });
  });

  test("is a list of 10,000 paths at most, and of 1 MiB", async () => {
    expect(await (await answering(paths(10_000), answer())).listFiles()).toHaveLength(10_000);
    await expect((await answering(paths(10_001), answer())).listFiles()).rejects.toMatchObject({ code: "LIMIT" });
    const long = part(utf8(`${"x".repeat(2 ** 19)}\0`));
    await expect((await answering(long, long, long, answer())).listFiles()).rejects.toMatchObject({ code: "LIMIT" });
  });

  test.each([
    ["no answer of ours", frame("A", utf8("E".repeat(100))), "SANDBOX_UNAVAILABLE"],
    ["no frame", utf8("nonsense"), "SANDBOX_UNAVAILABLE"],
    ["a code that there is not", frame("A", utf8("EWHAT")), "FILE_NOT_FOUND"],
  ])("that gets %s is an error", async (_, bytes, code) => {
    await expect((await answering(bytes)).readFile("x")).rejects.toMatchObject({ code });
  });
});

test("whatever the bytes are, the run has an end that a record can hold", async () => {
  const draw = random(1, "hostile frames");
  const seeds = [
    Buffer.concat([
      output("text"),
      calls({ id: 1 }, { id: 2 }),
      wait(5),
      done("T", "Error", "message", "stack", "a\0b\0", "c\0"),
    ]),
    Buffer.concat([callsAndMore({ id: 1 }), calls({ id: 2, input: utf8(`{"a":[1,{"b":"c"}]}`) }), done()]),
    frame("C", call(), call({ id: 2 })),
  ];
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(draw.pick(seeds));
    for (let n = draw.integer(1, 6); n > 0; n--) {
      const at = draw.integer(0, bytes.length - 1);
      if (draw.chance(30)) bytes.copy(bytes, draw.integer(0, bytes.length - 1), at);
      else bytes[at] = draw.integer(0, 255);
    }
    const sent = bytes.subarray(0, draw.integer(1, bytes.length));
    await attacked(Buffer.concat([started, sent]), draw.integer(1, 64));
  }
});
