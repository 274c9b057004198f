/** Backends that do everything wrong in one way: what checks say of them tells their author what was wanted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Outcome, Sandbox, Session } from "../../../contract/index.ts";
import { fakeSandbox } from "../../../testing/fake-sandbox.ts";
import { checksOf } from "../checks.ts";

const tmpDir = mkdtempSync(join(tmpdir(), "conformance-messages-"));
afterAll(() => rmSync(tmpDir, { recursive: true, force: true }));

const activity = { filesReportedBy: "host", read: ["x"], wrote: ["x"], calls: 7, callWaves: 7, virtualWaitMs: 7 } as const;
const outcomes: Readonly<Record<string, Outcome>> = {
  "nothing at all": { status: "returned", text: "", activity },
  "the wrong text": { status: "returned", text: "300", activity },
  "an error": { status: "threw", text: "Error: E: m", error: { name: "E", message: "m", frames: [] }, activity },
  "the end by a limit": { status: "limit-exceeded", limit: "wallTime", text: "x\uFFFD".repeat(30_000), activity },
};

function wrongSandbox(outcome: Outcome): Sandbox {
  const fake = fakeSandbox();
  const open = async (...args: Parameters<Sandbox["open"]>): Promise<Session> => ({
    ...(await fake.open(...args)),
    run: async () => outcome,
  });
  return { ...fake, open };
}

/** What Node's own assertions say, which tells nobody what was wanted. */
const stock = /Expected values|expected to |did not match|falsy|Missing expected|validation function|!==|actual|undefined/;

test.each(Object.entries(outcomes))(
  "of a backend whose every run gives %s, each check says what was wanted",
  async (_, outcome) => {
    const context = { sandbox: wrongSandbox(outcome), tmpDir, canaryFile: import.meta.filename };
    const messages: string[] = [];
    for (const [language, checks] of Object.entries(checksOf)) {
      for (const { id, run } of checks) {
        await run(context).catch((error: Error) => messages.push(`${language} ${id}: ${error.message}`));
      }
    }
    expect(messages.length).toBeGreaterThan(60);
    const bad = (message: string) =>
      !/wanted/.test(message) || /\n/.test(message) || stock.test(message) || message.length > 1_200;
    expect(messages.filter(bad)).toEqual([]);
  },
);
