/** What every peer's executor is asked to do, as data: programs in, an outcome to expect. */
import { isDeepStrictEqual } from "node:util";
import type { ExecutionOutcome, Executor, ExecutorTools } from "../../../contract/index.ts";

/** What must be so of the last program's outcome; what is absent may be anything. */
export interface PeerExpectation {
  readonly status: ExecutionOutcome["status"];
  readonly result?: unknown;
  /** Part of the error's text. */
  readonly error?: string;
  readonly output?: string;
}

export interface PeerCheck {
  readonly id: string;
  readonly title: string;
  /** Executed one after another, by the same executor. */
  readonly programs: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs?: number;
  readonly expect: PeerExpectation;
}

/** Milliseconds for programs that are not about time. */
const defaultTimeoutMs = 120_000;

export const executorChecks: readonly PeerCheck[] = [
  {
    id: "result",
    title: "a program's result comes back as data",
    programs: [`return { sum: 1 + 2, list: ["é", null, true] };`],
    expect: { status: "returned", result: { sum: 3, list: ["é", null, true] } },
  },
  {
    id: "thrown-error",
    title: "an error that nobody caught is told with its message",
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
    title: "what a program prints is told in order",
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

/** Where a peer, as its authors ship it, cannot do what a check asks. One that passes all the same fails the suite. */
export const executorExpectedFailures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "cloudflare-codemode": {
    "busy-loop":
      "its time-out is a timer in the isolate that the loop keeps busy; Cloudflare's platform has CPU limits, workerd alone has none",
  },
  "just-bash": {
    "concurrent-calls": "a tool call stops its QuickJS until the answer is there, so that calls of one program follow each other",
  },
};

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

export interface PeerCheckResult {
  readonly check: string;
  readonly passed: boolean;
  /** Why it was known to fail; absent where it was not. */
  readonly expectedFailure?: string;
  /** What came instead, for one that did not pass. It holds text of the program's. */
  readonly found?: string;
  /** Milliseconds, of all its programs. */
  readonly ms: number;
}

/** Never rejects for what a program does. `now`: milliseconds, monotonic. */
export async function runPeerCheck(peer: Executor, check: PeerCheck, now: () => number): Promise<PeerCheckResult> {
  const { id, programs, timeoutMs = defaultTimeoutMs, expect } = check;
  const startMs = now();
  let outcome: ExecutionOutcome = { status: "killed", output: "" };
  for (const program of programs) outcome = await peer.execute({ program, tools: checkTools(), timeoutMs });
  const passed = isExpected(outcome, expect);
  const expectedFailure = executorExpectedFailures[peer.id]?.[id];
  return {
    check: id,
    passed,
    ...(expectedFailure === undefined ? {} : { expectedFailure }),
    ...(passed ? {} : { found: JSON.stringify(outcome) }),
    ms: now() - startMs,
  };
}

function isExpected(outcome: ExecutionOutcome, expect: PeerExpectation): boolean {
  return (
    outcome.status === expect.status &&
    (expect.output === undefined || outcome.output === expect.output) &&
    (expect.result === undefined || (outcome.status === "returned" && isDeepStrictEqual(outcome.result, expect.result))) &&
    (expect.error === undefined || (outcome.status === "threw" && outcome.error.includes(expect.error)))
  );
}
