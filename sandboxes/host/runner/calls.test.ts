import { expect, test } from "vitest";
import type { CallReply, GuestBridge, JsonObject } from "../../../contract/index.ts";
import { maxInputBytes, maxInputValues } from "../../guest/limits.ts";
import type { GuestReply } from "../../wire/messages.ts";
import { runCalls } from "./calls.ts";

const replying = (reply: CallReply): GuestBridge => ({ call: async () => reply });
const ok = replying({ status: "ok", text: "plain" });
const call = (inputJson: string, id = 7) => ({ id, server: "lab", tool: "echo", inputJson });

function run(bridge: GuestBridge, memoryBytes = 2 ** 28) {
  const replies: GuestReply[] = [];
  const seen = { overMemory: 0 };
  const ending = new AbortController();
  const calls = runCalls({
    bridge,
    signal: ending.signal,
    memoryBytes,
    reply: (reply) => replies.push(reply),
    overMemory() {
      seen.overMemory++;
      ending.abort();
    },
  });
  return { calls, replies, seen, ending };
}

/** The reply to one call. */
async function reply(inputJson: string, bridge: GuestBridge): Promise<GuestReply | undefined> {
  const { calls, replies } = run(bridge);
  expect(calls.take([call(inputJson)], false)).toBe(true);
  await settled();
  return replies[0];
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("structured content goes back as JSON, else the text does", async () => {
  expect(await reply("{}", ok)).toEqual({ id: 7, kind: "text", text: "plain" });
  const structured = replying({ status: "ok", text: "shown", structured: { a: [1] } });
  expect(await reply("{}", structured)).toEqual({ id: 7, kind: "json", text: '{"a":[1]}' });
});

test.each(["tool-error", "denied", "too-large", "failed"] as const)("a call that ended as %s is refused", async (status) => {
  expect(await reply("{}", replying({ status, text: "why" }))).toEqual({ id: 7, kind: "refused", text: "why" });
});

test.each([
  ["", "must be a JSON object"],
  ["[", "must be a JSON object"],
  ["[]", "must be a JSON object"],
  ["null", "must be a JSON object"],
  [`{"a":${"[".repeat(600)}${"]".repeat(600)}}`, "is nested more than 500 levels deep"],
  [`{"a":[${"{},".repeat(maxInputValues)}{}]}`, `holds more than ${maxInputValues} values`],
])("the input %.12s reaches no bridge", async (json, why) => {
  const bridge: GuestBridge = {
    call() {
      throw new Error("reached");
    },
  };
  expect(await reply(json, bridge)).toEqual({ id: 7, kind: "refused", text: `The input of lab/echo ${why}` });
});

test("a bridge that throws, rejects or gives what JSON cannot say is a failed call, and its words stay here", async () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const bridges: GuestBridge[] = [
    { call: () => Promise.reject(new Error("gone")) },
    {
      call() {
        throw new Error("gone at once");
      },
    },
    replying({ status: "ok", text: "", structured: cycle as JsonObject }),
  ];
  for (const bridge of bridges)
    expect(await reply("{}", bridge)).toEqual({ id: 7, kind: "refused", text: "The call of lab/echo failed" });
});

test("calls that come while none is without an answer are a wave, and those that follow them belong to it", async () => {
  const { calls } = run(ok);
  calls.take([call("{}", 1), call("{}", 2)], true);
  // Answered in between, perhaps: they left the program together.
  await settled();
  calls.take([call("{}", 3)], false);
  await settled();
  calls.take([call("{}", 4)], false);
  expect(calls.counts).toEqual({ calls: 4, callWaves: 2 });
});

test("a number that is under way, and an input of more than its limit, are no calls of our runner", () => {
  const { calls } = run({ call: () => new Promise(() => undefined) });
  expect(calls.take([call("{}", 1)], false)).toBe(true);
  expect(calls.take([call("{}", 1)], false)).toBe(false);
  expect(calls.take([call("{}", 2), call("{}", 2)], false)).toBe(false);
  expect(calls.take([call(" ".repeat(maxInputBytes + 1), 3)], false)).toBe(false);
});

test.each([
  ["many small calls", () => Array.from({ length: 20 }, (_, id) => call("{}", id))],
  ["a few with many values", () => [call(`{"a":[${"{},".repeat(400)}{}]}`, 1)]],
  ["one with much text", () => [call(`{"a":"${"x".repeat(20_000)}"}`, 1)]],
])("%s without an answer cost no more than the session's memory", async (_, make) => {
  const { calls, seen } = run({ call: () => new Promise(() => undefined) }, 20_000);
  calls.take(make(), false);
  await settled();
  expect(seen.overMemory).toBe(1);
});

test("many large results that arrive at once are answered in several turns of the event loop, each and in order", async () => {
  const text = "x".repeat(600_000);
  const { calls, replies } = run(replying({ status: "ok", text: "", structured: { text } }));
  calls.take(
    Array.from({ length: 6 }, (_, id) => call("{}", id)),
    false,
  );
  const seen: number[] = [];
  while (replies.length < 6) {
    await settled();
    seen.push(replies.length);
  }
  expect(seen.length).toBeGreaterThan(1);
  expect(seen[0]).toBeLessThan(6);
  expect(replies.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
});
