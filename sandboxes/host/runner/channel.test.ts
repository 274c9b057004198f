import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runnerChannel } from "./channel.ts";

test("channels of one runner after another over the same stream leave one listener on it", () => {
  const output = new PassThrough();
  for (let n = 0; n < 20; n++) runnerChannel(new PassThrough(), output);
  expect(output.listenerCount("error")).toBe(1);
});
