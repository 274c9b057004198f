import { expect, test } from "vitest";
import { maxFrameBytes } from "../../guest/limits.ts";
import { frameFromRunner, frameReader, frameToRunner, readToRunner } from "../../wire/frames.ts";
import type { FromRunner, ToRunner } from "../../wire/messages.ts";
import { readFromRunner } from "./read-frame.ts";

const bytes = new Uint8Array([0, 255, 10]);
const fromRunner: readonly FromRunner[] = [
  { type: "ready", token: "", previous: null, outOfMemoryKills: null },
  { type: "ready", token: "4fé", previous: { code: 134, errorText: "é🎉" }, outOfMemoryKills: 0 },
  { type: "opened" },
  { type: "started" },
  { type: "output", text: "" },
  { type: "output", text: "é🎉".repeat(40_000) },
  {
    type: "calls",
    more: false,
    calls: [
      { id: 1, server: "läb", tool: "écho", inputJson: '{"a":"🎉"}' },
      { id: 2 ** 32 - 1, server: "", tool: "", inputJson: "" },
    ],
  },
  { type: "calls", more: true, calls: [{ id: 3, server: "a", tool: "b", inputJson: "{}" }] },
  { type: "wait", milliseconds: 30_000.5 },
  { type: "done", end: { status: "returned" }, files: { read: [], wrote: [] } },
  {
    type: "done",
    end: { status: "threw", thrown: { name: "Error", message: "é", stack: "at x" } },
    files: { read: ["servers", "data/ü"], wrote: ["."] },
  },
  { type: "done", end: { status: "limit-exceeded", limit: "memory" }, files: { read: [], wrote: [] } },
  { type: "done", end: { status: "broken", reason: "why" }, files: { read: [], wrote: [] } },
  { type: "part", bytes },
  { type: "answer", fault: null },
  { type: "answer", fault: "ENOENT" },
  { type: "usage", residentBytes: null },
  { type: "usage", residentBytes: 2 ** 40 },
  { type: "wrote", path: "a/ü", content: bytes, continues: false },
  { type: "wrote", path: "a/ü", content: bytes, continues: true },
  { type: "wrote", path: "folder", content: null, continues: false },
  { type: "need", url: "workspace:/a.ts" },
];
const toRunner: readonly ToRunner[] = [
  { type: "file", path: "servers/ü.ts", content: "é" },
  { type: "file", path: "data/x", content: bytes },
  { type: "file", path: "data", content: null },
  {
    type: "run",
    program: { file: "program.ts", source: "é" },
    javascript: [["program.ts", "é"]],
    wallTimeMs: 1,
    outputBytes: 2,
    virtualTime: true,
  },
  { type: "reply", id: 7, kind: "json", text: '{"a":"é"}' },
  { type: "reply", id: 2 ** 32 - 1, kind: "text", text: "" },
  { type: "reply", id: 1, kind: "refused", text: "why" },
  { type: "waited" },
  { type: "ask", operation: "read", path: "ü" },
  { type: "ask", operation: "write", path: "ü", bytes },
  { type: "ask", operation: "list" },
  { type: "restored", randomSeed: 5 },
  { type: "open", tree: 3, isKnown: true, memoryBytes: 2 ** 28 },
  { type: "module", url: "workspace:/a.ts", js: "x" },
  { type: "supplied" },
  { type: "measure" },
  { type: "close" },
];

test.each(fromRunner)("what a runner sends arrives as it was: $type", (message) => {
  expect(readFromRunner(frameFromRunner(message).subarray(4))).toEqual(message);
});

test.each(toRunner)("what the host sends arrives as it was: $type", (message) => {
  expect(readToRunner(frameToRunner(message).subarray(4))).toEqual(message);
});

const stream = Buffer.concat(fromRunner.map(frameFromRunner));

test.each([1, 2, 3, 5, 1000, stream.length])("frames in chunks of %i bytes come out whole and in order", (size) => {
  const seen: unknown[] = [];
  const read = frameReader(maxFrameBytes, (body) => seen.push(readFromRunner(body)));
  for (let at = 0; at < stream.length; at += size) expect(read(stream.subarray(at, at + size))).toBe(true);
  expect(seen).toEqual(fromRunner);
});

test.each([0, maxFrameBytes + 1, 2 ** 32 - 1])(
  "a frame of %i bytes is refused before its bytes come, also behind a good one",
  (length) => {
    const wrong = Buffer.alloc(4);
    wrong.writeUInt32BE(length);
    expect(frameReader(maxFrameBytes, () => undefined)(wrong)).toBe(false);
    const seen: unknown[] = [];
    const read = frameReader(maxFrameBytes, (body) => seen.push(readFromRunner(body)));
    expect(read(Buffer.concat([frameFromRunner({ type: "started" }), wrong]))).toBe(false);
    expect(seen).toEqual([{ type: "started" }]);
  },
);

test("a program that changes how objects are written changes nothing of what its runner sends", () => {
  const prototype = Object.prototype as { toJSON?: () => unknown };
  prototype.toJSON = () => "forged";
  try {
    for (const message of fromRunner) expect(readFromRunner(frameFromRunner(message).subarray(4))?.type).toBe(message.type);
  } finally {
    delete prototype.toJSON;
  }
});

test("the longest report of a program is a frame", () => {
  const long = "\uffff".repeat(300_000);
  const paths = Array.from({ length: 10_000 }, (_, n) => `\uffff${n}`);
  const thrown = { name: long.slice(0, 1_000), message: long.slice(0, 200_000), stack: long.slice(0, 50_000) };
  const frame = frameFromRunner({ type: "done", end: { status: "threw", thrown }, files: { read: paths, wrote: paths } });
  expect(frame.length - 4).toBeLessThanOrEqual(maxFrameBytes);
});
