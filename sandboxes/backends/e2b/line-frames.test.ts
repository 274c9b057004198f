import { expect, test } from "vitest";
import { frameReader } from "../../wire/runner-protocol.ts";
import { lineFrames } from "./line-frames.ts";

/** The JSON of each frame of `chunks`, then `refused` if something was not a frame. */
async function read(chunks: Iterable<string>): Promise<string[]> {
  const lines = lineFrames("begin");
  const seen: string[] = [];
  const reader = frameReader((json) => seen.push(json));
  lines.frames.on("data", (chunk: Buffer) => {
    if (!reader(chunk)) seen.push("refused");
  });
  for (const chunk of chunks) lines.add(chunk);
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}

test("lines become frames wherever the text is cut, and what comes before the first line is dropped", async () => {
  const text = `motd {}\nbegin\n{"text":"grüße 🎉"}\n\n{"n":1}\nunfinished`;
  const expected = [`{"text":"grüße 🎉"}`, "", `{"n":1}`];
  expect(await read([text])).toEqual(expected);
  expect(await read(text)).toEqual(expected);
});

test("a line longer than a frame may be is refused once, and no more is kept", async () => {
  function* endless() {
    yield "begin\n";
    for (let n = 0; n < 1_100; n++) yield "x".repeat(2 ** 16);
    yield "\n{}\n";
  }
  expect(await read(endless())).toEqual(["refused"]);
});
