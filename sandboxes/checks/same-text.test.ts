/** Every JavaScript backend of the registry that can run here, against the first one. */
import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, Outcome, Sandbox } from "../../contract/index.ts";
import { quickjs } from "../backends/quickjs/sandbox.ts";
import { sandboxRegistry } from "../registry.ts";
import { patientMs } from "./conformance/context.ts";
import { testSandbox } from "./conformance/describe.ts";
import { engineWorded, type SameTextProgram, sameTextFiles, sameTextPrograms } from "./same-text.ts";

/**
 * They run no program, take the frames out of every stack, and have all of Node's globals; one boots a machine for each
 * program, and differs in nothing else from one that is here; the last is the reference.
 */
const without = ["null", "vm2", "worker-threads", "qemu-cold", "quickjs"];

/** Deno takes the types off with a parser of its own, which words and places what it cannot read itself. */
const wordedByDeno = ["import-refused", "syntax-error", "syntax-error-imported", "type-syntax-unsupported"];

const reference = testSandbox(quickjs);
const others = await Promise.all(
  sandboxRegistry.ids.filter((id) => !without.includes(id)).map(async (id) => testSandbox(await sandboxRegistry.load(id))),
);
afterAll(async () => {
  for (const backend of [reference, ...others]) await backend.dispose();
});

const lab: GuestBridge = {
  async call(_server, tool, input) {
    if (tool === "echo") return { status: "ok", text: "", structured: input };
    return { status: "tool-error", text: `failed: ${input.why}` };
  },
};

async function play(sandbox: Sandbox, source: string, virtualTime = false): Promise<Outcome> {
  const session = await sandbox.open({ language: "javascript", files: sameTextFiles, memoryBytes: 128 * 2 ** 20 });
  const options = { bridge: lab, wallTimeMs: patientMs, outputBytes: 30_000, virtualTime };
  return session.run({ file: "program.ts", source }, options).finally(() => session.close());
}

/** Of the first backend, played once for all others. */
const firsts = new Map<string, Promise<Outcome>>();
function playFirst({ id, source, virtualTime }: SameTextProgram): Promise<Outcome> {
  const first = firsts.get(id) ?? play(reference.sandbox, source, virtualTime);
  firsts.set(id, first);
  return first;
}

describe("quickjs same text", () => {
  test.each(sameTextPrograms.filter(({ text }) => text !== undefined))("$id", async (program) => {
    expect((await playFirst(program)).text).toBe(program.text);
  });
});

for (const { sandbox } of others) {
  if (!sandbox.languages.includes("javascript")) continue;
  const availability = await sandbox.available();
  if (availability.status === "unavailable") {
    test.skip(`${sandbox.id} same text as quickjs, unavailable here: ${availability.reason}. ${availability.fix}`, () =>
      undefined);
    continue;
  }
  describe(`${sandbox.id} same text as quickjs`, () => {
    const programs = sameTextPrograms.filter((program) => sandbox.id !== "deno" || !wordedByDeno.includes(program.id));
    test.each(programs)("$id", async (program) => {
      const first = await playFirst(program);
      const other = await play(sandbox, program.source, program.virtualTime);
      expect(other.text).toBe(first.text);
      expect({ ...other.activity, status: other.status }).toEqual({ ...first.activity, status: first.status });
    });
    test.each(engineWorded)("an error that engines word or place themselves: $what", async ({ source }) => {
      expect((await play(sandbox, source)).status).toBe("threw");
    });
  });
}
