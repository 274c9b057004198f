/** The same text is the same tokens in both modes, whatever a server put into it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bridge, CallReply, ModeStart, Session } from "../../contract/index.ts";
import { testSandbox } from "../../sandboxes/checks/conformance/describe.ts";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { counterEntries, loadCounter } from "../tokens/counters/registry.ts";
import { directToolCall } from "./modes/direct-tool-call/mode.ts";

const between = (first: number, last: number) =>
  String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));

const texts: Readonly<Record<string, string>> = {
  "every C0 control": `a${between(0, 0x1f)}b`,
  "DEL and every C1 control": `a${between(0x7f, 0x9f)}b`,
  "marks that reorder, and one that is not shown": `a\u061c\u200e\u200f${between(0x202a, 0x202e)}${between(0x2066, 0x2069)}\ufeffb`,
  "a terminal's sequences": "\u001b[31mred\u001b[0m\u001b]0;title\u0007\r\n\u009b2J",
  "halves of pairs": "a\ud800b\udc00c",
};

const { sandbox, dispose } = testSandbox(await sandboxRegistry.load("quickjs"));
let session: Session;
beforeAll(async () => {
  session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
});
afterAll(async () => {
  await session.close();
  await dispose();
});

async function shownInBoth(text: string): Promise<{ direct: string; printed: string }> {
  const call = async (): Promise<CallReply> => ({ status: "ok", text });
  const signal = new AbortController().signal;
  const bridge = { tools: [{ server: "s", name: "t" }], instructions: [], call } as unknown as Bridge;
  const mode = await directToolCall.start({ bridge } as unknown as ModeStart);
  const [direct] = await mode.execute([{ type: "tool_use", id: "1", name: "s__t", input: {} }], signal);
  const program = { file: "program.ts", source: `console.log(await callTool("s", "t", {}));` };
  const printed = await session.run(program, { bridge, wallTimeMs: 120_000, outputBytes: 10_000, virtualTime: true });
  return { direct: direct?.text ?? "", printed: printed.text };
}

test.each(Object.entries(texts))("%s reach the model as they are, in both modes, and count the same", async (_, text) => {
  const { direct, printed } = await shownInBoth(text);
  expect(direct).toBe(text.toWellFormed());
  expect(printed).toBe(direct);
  for (const { id } of counterEntries) {
    const { count } = await loadCounter(id);
    expect(count(printed)).toBe(count(direct));
  }
});
