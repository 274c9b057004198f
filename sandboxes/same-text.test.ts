import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, Outcome, Sandbox } from "../bench/types/index.ts";
import { testSandbox } from "./conformance/describe.ts";
import { quickjs } from "./quickjs.ts";
import { engineWorded, sameTextFiles, sameTextPrograms } from "./same-text.ts";
import { subprocess } from "./subprocess.ts";

const backends = [testSandbox(quickjs), testSandbox(subprocess)];
afterAll(async () => {
  for (const backend of backends) await backend.dispose();
});

const lab: GuestBridge = {
  async call(_server, tool, input) {
    if (tool === "echo") return { status: "ok", text: "", structured: input };
    return { status: "tool-error", text: `failed: ${input.why}` };
  },
};

async function play(sandbox: Sandbox, source: string, virtualTime: boolean): Promise<Outcome> {
  const session = await sandbox.open({ language: "javascript", files: sameTextFiles, memoryBytes: 128 * 2 ** 20 });
  const options = { bridge: lab, wallTimeMs: 20_000, outputBytes: 30_000, virtualTime };
  return session.run({ file: "program.ts", source }, options).finally(() => session.close());
}

const playAll = (source: string, virtualTime = false) =>
  Promise.all(backends.map(({ sandbox }) => play(sandbox, source, virtualTime)));

describe("the text of a run is the same bytes on every backend", () => {
  test.each(sameTextPrograms)("$id", async ({ source, text, virtualTime }) => {
    const [first, ...others] = await playAll(source, virtualTime);
    if (text !== undefined) expect(first?.text).toBe(text);
    for (const other of others) {
      expect(other.text).toBe(first?.text);
      expect({ ...other.activity, status: other.status }).toEqual({ ...first?.activity, status: first?.status });
    }
  });
});

describe("engines word or place these errors themselves, and so they differ", () => {
  test.each(engineWorded)("$what", async ({ source }) => {
    const [first, second] = await playAll(source);
    expect(first?.status).toBe("threw");
    expect(second?.status).toBe("threw");
    expect(second?.text).not.toBe(first?.text);
  });
});
