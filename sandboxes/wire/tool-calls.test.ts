import { expect, test } from "vitest";
import type { CallReply, GuestBridge, JsonObject } from "../../contract/index.ts";
import { answerCall, isDeeperThan } from "./tool-calls.ts";

const signal = new AbortController().signal;
const replying = (reply: CallReply): GuestBridge => ({ call: async () => reply });
const ok = replying({ status: "ok", text: "plain" });
const call = (inputJson: string) => ({ id: 7, server: "lab", tool: "echo", inputJson });

test("depth is counted outside strings", () => {
  expect(isDeeperThan("[[[]]]", 2)).toBe(true);
  expect(isDeeperThan("[[1],[2],[3]]", 2)).toBe(false);
  expect(isDeeperThan('{"a":"[[[[\\"{{{"}', 2)).toBe(false);
  expect(isDeeperThan(`${"[".repeat(100_000)}`, 500)).toBe(true);
});

test("structured content goes back as JSON, else the text does", async () => {
  expect(await answerCall(call("{}"), ok, signal)).toEqual({ id: 7, ok: true, text: "plain" });
  const structured = replying({ status: "ok", text: "shown", structured: { a: [1] } });
  expect(await answerCall(call("{}"), structured, signal)).toEqual({ id: 7, ok: true, json: '{"a":[1]}', text: "" });
});

test.each(["tool-error", "denied", "too-large", "failed"] as const)("a call that ended as %s is not ok", async (status) => {
  expect(await answerCall(call("{}"), replying({ status, text: "why" }), signal)).toEqual({ id: 7, ok: false, text: "why" });
});

test("a message that is not a call gets no answer, and arguments that are not a JSON object get a refusal", async () => {
  for (const value of [null, 5, "call", {}, { ...call("{}"), id: "7" }, { ...call("{}"), tool: undefined }]) {
    expect(await answerCall(value, ok, signal)).toBeUndefined();
  }
  for (const inputJson of ["", "[", "[]", "null", "5", `{"a":${"[".repeat(600)}${"]".repeat(600)}}`]) {
    expect(await answerCall(call(inputJson), ok, signal)).toMatchObject({ id: 7, ok: false });
  }
});

test("a bridge that throws, rejects or gives what JSON cannot say is a failed call", async () => {
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
  for (const bridge of bridges) expect(await answerCall(call("{}"), bridge, signal)).toMatchObject({ id: 7, ok: false });
});
