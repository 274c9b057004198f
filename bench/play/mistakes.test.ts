/**
 * A model that is no script makes every mistake there is, and then does the work. Each mistake goes back to it as an error in
 * a plain sentence, the work passes, and the tokens of the whole conversation add up.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  BenchError,
  itemMeasures,
  type ModelFactory,
  measures,
  type Sandbox,
  type Session,
  type ToolUseBlock,
  type Transcript,
  type Turn,
} from "../../contract/index.ts";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { cellPlayer } from "../../testing/cells.ts";
import { conversationIn } from "../../testing/records.ts";
import { scriptedModel } from "./models/scripted.ts";

const tmpDir = await mkdtemp(join(tmpdir(), "mistakes-"));
const { playOne, dispose } = cellPlayer(tmpDir);
const made: Sandbox[] = [];
afterAll(async () => {
  await dispose();
  await Promise.all(made.map((sandbox) => sandbox.dispose()));
  await rm(tmpDir, { recursive: true, force: true });
});

/** What one mistake is, and what has to be said of each of its uses; `undefined`: the use is carried out. */
interface Mistake {
  readonly content: readonly unknown[];
  readonly said: readonly (RegExp | undefined)[];
}

const use = (id: string, name: string, input: unknown) => ({ type: "tool_use", id, name, input });

/** Mistakes with tool uses, made of a use that is right. */
function wrongUses({ name, input }: ToolUseBlock): readonly Mistake[] {
  const right = (id: string) => use(id, name, input);
  const wrongTypes = Object.fromEntries(Object.keys(input).map((key) => [key, { not: "text" }]));
  return [
    { content: [use("a", "no_such_tool", {})], said: [/^There is no tool "no_such_tool"\. /] },
    { content: [use("b", "x".repeat(1e4), {})], said: [/^There is no tool "x{200}\.\.\."\. /] },
    { content: [use("c", name, wrongTypes)], said: [/cannot be used: data\/\w+ must be string\.$/] },
    { content: [use("d", name, {})], said: [/cannot be used: data must have required property/] },
    { content: [use("e", name, "text")], said: [/cannot be used: it is not an object\.$/] },
    { content: [use("f", name, null)], said: [/cannot be used: it is not an object\.$/] },
    {
      content: [use("g", "no_such_tool", {}), right("h"), use("i", name, [])],
      said: [/^There is no tool/, undefined, /not an object/],
    },
    { content: [right("j"), right("j")], said: [undefined, /^The id "j" was used before\./] },
    { content: [right("a")], said: [/^The id "a" was used before\./] },
    { content: [], said: [] },
    { content: [{ type: "text", text: " \n" }], said: [] },
  ];
}

const fresh = "The next program runs in a fresh session, without the files that programs wrote.";
const program = (id: string, code: string) => use(id, "execute_code", { code });
const keep = `import { writeFile } from "node:fs/promises";\nawait writeFile("kept.txt", "1");`;
const list = `import { readdir } from "node:fs/promises";\nconsole.log((await readdir(".")).includes("kept.txt") ? "kept" : "gone");`;

/** Programs that end badly; between them one keeps a file, and one looks whether it is there. */
function wrongPrograms(kill: string): readonly Mistake[] {
  const after = (id: string, code: string, said: RegExp): readonly Mistake[] => [
    { content: [program(`${id}1`, keep), program(`${id}2`, list)], said: [undefined, undefined] },
    { content: [program(`${id}3`, code), program(`${id}4`, list)], said: [said, undefined] },
  ];
  const limited = (limit: string) =>
    new RegExp(`The program was stopped at the limit ${limit}, and its session was closed. ${fresh}$`);
  return [
    {
      content: [program("t1", keep), program("t2", `throw new Error("boom");`), program("t3", list)],
      said: [undefined, /boom/, undefined],
    },
    ...after("o", `for (;;) console.log("x".repeat(100_000));`, limited("output of 1048576 bytes")),
    ...after("w", "// too late", limited("wallTime of \\d+ seconds")),
    ...after("k", kill, new RegExp(`^The sandbox session ended while the program ran. ${fresh}$`)),
  ];
}

function misbehaving(mistakesOf: (right: ToolUseBlock) => readonly Mistake[], left: Mistake[]): ModelFactory {
  return {
    id: "misbehaving",
    title: "Makes mistakes, then does the work",
    async start({ scenario, task, choice, agent }) {
      const own = await agent();
      const [first] =
        own(scenario, task, choice)
          .next()
          .value?.content.filter((block) => block.type === "tool_use") ?? [];
      if (first === undefined) throw new TypeError("The agent has no first tool use.");
      left.push(...mistakesOf(first));
      const model = scriptedModel(
        (function* () {
          for (const { content } of left) yield { content: content as Turn["content"] };
          yield* own(scenario, task, choice);
        })(),
      );
      return { ...model, strict: false };
    },
  };
}

/** The sandbox, with a program of a few words that runs too long, and one under which its session dies. */
function failing(sandbox: Sandbox): Sandbox {
  const activity = { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 } as const;
  const open: Sandbox["open"] = async (options) => {
    const session = await sandbox.open(options);
    const run: Session["run"] = async (given, limits) => {
      if (given.source !== "// too late" && given.source !== "// dies") return session.run(given, limits);
      await session.close();
      if (given.source === "// too late") return { status: "limit-exceeded", limit: "wallTime", text: "", activity };
      throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: sandbox.id, reason: "its process ended", fix: "Look at it." });
    };
    return { ...session, run };
  };
  return { ...sandbox, open };
}

/** Holds each mistake's results to what has to be said of them, in use order. */
function expectAnswered({ messages, causes }: Transcript, mistakes: readonly Mistake[]): void {
  for (const [at, { content, said }] of mistakes.entries()) {
    const results = messages[2 * at + 2]?.content ?? [];
    if (said.length === 0) {
      expect(results).toEqual([{ type: "text", text: "Your turn was empty. Use a tool, or give the answer." }]);
      expect(causes[2 * at + 2]).toEqual(["prompt"]);
      continue;
    }
    expect(results.map((block) => (block.type === "tool_result" ? block.tool_use_id : ""))).toEqual(
      content.map((block) => (block as ToolUseBlock).id),
    );
    for (const [use, pattern] of said.entries()) {
      const block = results[use];
      if (block?.type !== "tool_result") throw new TypeError("Not a result.");
      expect(block.is_error, `${at}: ${block.content}`).toBe(pattern === undefined ? undefined : true);
      if (pattern !== undefined) expect(block.content).toMatch(pattern);
    }
  }
}

async function expectPassed(mode: string, mistakesOf: (right: ToolUseBlock) => readonly Mistake[], sandbox?: Sandbox) {
  const mistakes: Mistake[] = [];
  const model = misbehaving(mistakesOf, mistakes);
  const key = { scenario: "sheet-filter", mode, ...(sandbox === undefined ? {} : { sandbox: sandbox.id }) };
  const played = await playOne(key, { model, ...(sandbox === undefined ? {} : { sandbox }) });
  const { record } = played;
  const transcript = conversationIn(played);
  if (record.status !== "passed" || transcript === undefined) throw new Error(JSON.stringify(record).slice(0, 2_000));
  expectAnswered(transcript, mistakes);
  expect(mistakes.length).toBeGreaterThan(10);
  const [ledger] = record.ledgers;
  if (ledger === undefined) throw new TypeError("No ledger.");
  const sum = (row: { readonly [name: string]: number }) => Object.values(row).reduce((total, tokens) => total + tokens, 0);
  for (const measure of measures) expect(sum(ledger.table[measure]), measure).toBe(ledger.totals[measure]);
  const { billedInput, coldCacheRead, coldCacheWrite, coldUncached } = ledger.totals;
  expect(coldCacheRead + coldCacheWrite + coldUncached).toBe(billedInput);
  for (const measure of itemMeasures) {
    expect(record.items.reduce((total, item) => total + item[measure], 0)).toBe(ledger.totals[measure]);
  }
  return transcript;
}

test("direct-tool-call: every mistake is answered, and the work passes", async () => {
  await expectPassed("direct-tool-call", wrongUses);
});

describe.each([
  { id: "quickjs", kill: "// dies" },
  { id: "subprocess", kill: `const { process } = globalThis as any;\nprocess.kill(process.pid, "SIGKILL");\nfor (;;);` },
])("code-execution on $id: every mistake is answered, and the work passes", ({ id, kill }) => {
  test("and what programs wrote is there until a session is closed", async () => {
    const host = { env: {}, platform: process.platform, now: () => performance.now(), tmpDir, nodePath: process.execPath };
    const sandbox = failing((await sandboxRegistry.load(id))(host));
    made.push(sandbox);
    const { messages } = await expectPassed("code-execution", (right) => [...wrongUses(right), ...wrongPrograms(kill)], sandbox);
    const results = messages.flatMap(({ content }) => content.filter((block) => block.type === "tool_result"));
    const seen = results.flatMap(({ tool_use_id: use, content }) =>
      /^(kept|gone)/.test(content) ? [`${use} ${content.trim()}`] : [],
    );
    const [kept, gone] = [(use: string) => `${use} kept`, (use: string) => `${use} gone`];
    expect(seen).toEqual([kept("t3"), kept("o2"), gone("o4"), kept("w2"), gone("w4"), kept("k2"), gone("k4")]);
  });
});

test("a script that makes such a mistake ends its cell", async () => {
  const strict = (mistake: Mistake): ModelFactory => ({
    ...{ id: "scripted", title: "A script that is wrong" },
    start: async () => scriptedModel([{ content: mistake.content as Turn["content"] }].values() as never),
  });
  const status = async (mode: string, mistake: Mistake) => (await playOne({ mode }, { model: strict(mistake) })).record.status;
  expect(await status("code-execution", { content: [use("a", "no_such_tool", {})], said: [] })).toBe("model-error");
  expect(await status("code-execution", { content: [program("a", `for (;;) console.log("x".repeat(1e5));`)], said: [] })).toBe(
    "limit-exceeded",
  );
});
