import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { agentChannel } from "./channel.ts";

test("channels of one agent after another over the same stream leave one listener on it", () => {
  const output = new PassThrough();
  for (let n = 0; n < 20; n++) agentChannel(new PassThrough(), output);
  expect(output.listenerCount("error")).toBe(1);
});
