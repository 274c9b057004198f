import { expect, test } from "vitest";
import { encodeFrame, frameReader, maxFrameBytes } from "./runner-protocol.ts";

const messages = ["", "a", "é🎉\ud800", "x".repeat(70_000)].map((text) => ({ type: "output", text }) as const);
const bytes = Buffer.concat(messages.map(encodeFrame));

test.each([1, 2, 3, 5, 1000, bytes.length])("frames in chunks of %i bytes come out whole and in order", (size) => {
  const seen: unknown[] = [];
  const read = frameReader((json) => seen.push(JSON.parse(json)));
  for (let at = 0; at < bytes.length; at += size) expect(read(bytes.subarray(at, at + size))).toBe(true);
  expect(seen).toEqual(messages);
});

test("a frame that is too long is refused before its bytes come, also behind a good one", () => {
  const tooLong = Buffer.alloc(4);
  tooLong.writeUInt32BE(maxFrameBytes + 1);
  expect(frameReader(() => undefined)(tooLong)).toBe(false);
  const seen: string[] = [];
  const first = encodeFrame({ type: "output", text: "good" });
  expect(frameReader((json) => seen.push(json))(Buffer.concat([first, tooLong]))).toBe(false);
  expect(seen).toHaveLength(1);
});
