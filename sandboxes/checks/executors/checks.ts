/** What every executor of another project is asked, as data: programs in, an outcome to expect. */
import { isDeepStrictEqual } from "node:util";
import type { Answer, ExecutionOutcome, Executor, ExecutorTools, SandboxCheck } from "../../../contract/index.ts";

/** What must be so of the last program's outcome; what is absent may be anything. */
interface Expectation {
  readonly status: ExecutionOutcome["status"];
  readonly result?: unknown;
  /** Part of the error's text. */
  readonly error?: string;
  readonly output?: string;
}

interface ExecutorPrograms {
  readonly id: string;
  readonly title: string;
  /** Executed one after another, by the same executor. */
  readonly programs: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs?: number;
  readonly expect: Expectation;
}

/** Milliseconds for programs that are not about time. */
const defaultTimeoutMs = 120_000;

export const executorPrograms: readonly ExecutorPrograms[] = [
  {
    id: "result",
    title: "a program's result comes back as data",
    programs: [`return { sum: 1 + 2, list: ["é", null, true] };`],
    expect: { status: "returned", result: { sum: 3, list: ["é", null, true] } },
  },
  {
    id: "thrown-error",
    title: "an error that nobody caught is reported with its message",
    programs: [`throw new TypeError("no such luck");`],
    expect: { status: "threw", error: "no such luck" },
  },
  {
    id: "tool-call",
    title: "a tool gets the input and gives its answer",
    programs: [`const { sum } = await tools.add({ a: 3, b: 4 }); return sum;`],
    expect: { status: "returned", result: 7 },
  },
  {
    id: "tool-error",
    title: "a failing tool is an error that the program can catch, with the tool's message",
    programs: [`try { await tools.fail({}); } catch (e) { return String(e.message); }`],
    expect: { status: "returned", result: "the tool failed" },
  },
  {
    id: "concurrent-calls",
    title: "calls that are issued together are under way together",
    programs: [`return await Promise.all([1, 2, 3].map((n) => tools.together({ n })));`],
    expect: { status: "returned", result: [3, 3, 3] },
  },
  {
    id: "output",
    title: "what a program prints is reported in order",
    programs: [`console.log("one"); console.log("two", 2); return 0;`],
    expect: { status: "returned", output: "one\ntwo 2\n" },
  },
  {
    id: "busy-loop",
    title: "a busy loop ends by the executor's own time-out",
    programs: ["for (;;);"],
    timeoutMs: 500,
    expect: { status: "threw" },
  },
  {
    id: "endless-wait",
    title: "a program that waits for ever ends by the executor's own time-out",
    programs: ["await new Promise(() => undefined);"],
    timeoutMs: 500,
    expect: { status: "threw" },
  },
  {
    id: "nothing-shared",
    title: "two executions share no global",
    programs: [
      `globalThis.mark = "left"; Array.prototype.mark = "left"; return 1;`,
      "return [typeof globalThis.mark, typeof [].mark];",
    ],
    expect: { status: "returned", result: ["undefined", "undefined"] },
  },
];

/** Milliseconds in which calls that are issued together all come, however busy the machine is. */
const togetherMs = 10_000;

/** `together` answers how many of it were under way at once, at most three; it never waits for ever. */
function checkTools(): ExecutorTools {
  const waiting: ((together: number) => void)[] = [];
  let alone = false;
  return {
    add: async ({ a, b }) => ({ sum: Number(a) + Number(b) }),
    async fail() {
      throw new Error("the tool failed");
    },
    together() {
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.push(resolve);
      const answer = () => {
        const all = waiting.splice(0);
        alone = all.length === 1;
        for (const one of all) one(all.length);
      };
      if (waiting.length === 1 && !alone) setTimeout(answer, togetherMs).unref();
      // One that was answered alone was waited for by the next.
      if (waiting.length === 3 || alone) answer();
      return promise;
    },
  };
}

export interface ExecutorContext {
  readonly executor: Executor;
}

export const executorChecks: readonly SandboxCheck<ExecutorContext>[] = executorPrograms.map((check) => ({
  id: check.id,
  title: check.title,
  ...{ languages: ["javascript"], needs: [], controls: [] },
  run: ({ executor }) => answerOf(executor, check),
}));

/** Rejects with SANDBOX_UNAVAILABLE when the executor cannot start. */
async function answerOf(
  executor: Executor,
  { programs, timeoutMs = defaultTimeoutMs, expect }: ExecutorPrograms,
): Promise<Answer> {
  let outcome: ExecutionOutcome = { status: "killed", output: "" };
  for (const program of programs) outcome = await executor.execute({ program, tools: checkTools(), timeoutMs });
  if (isExpected(outcome, expect)) return { verdict: "held", evidence: "" };
  return { verdict: "failed", evidence: `wanted: ${JSON.stringify(expect)}; found ${JSON.stringify(outcome)}` };
}

function isExpected(outcome: ExecutionOutcome, expect: Expectation): boolean {
  return (
    outcome.status === expect.status &&
    (expect.output === undefined || outcome.output === expect.output) &&
    (expect.result === undefined || (outcome.status === "returned" && isDeepStrictEqual(outcome.result, expect.result))) &&
    (expect.error === undefined || (outcome.status === "threw" && outcome.error.includes(expect.error)))
  );
}
