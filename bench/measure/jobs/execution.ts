/**
 * What an executor of another project costs: a whole execution, and a tool call in the middle of one. It has no sessions,
 * so these are not figures of backends.
 */
import type { Executor, ExecutorTools } from "../../../contract/index.ts";
import type { ExecutorJobKind, Measured } from "../../../contract/sandbox-measurement.ts";
import { callsPerSession } from "../plan.ts";
import { patienceMs } from "./programs.ts";

interface ExecutorSetting {
  readonly executor: Executor;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Rejects when anything but what was to be measured happened. */
type ExecutionMeasure = (setting: ExecutorSetting) => Promise<Measured>;

export const executionMeasures: { readonly [K in ExecutorJobKind]: ExecutionMeasure } = {
  // What its later executions may find done: a process started, an engine loaded.
  "first-execution": async (setting) => ({ firstExecutionMs: [await executionMs(setting)] }),
  execution: async (setting) => ({ executionMs: [await executionMs(setting)] }),
  "round-trip": measureRoundTrip,
};

/** Of the smallest program that shows that it ran. */
async function executionMs({ executor, now }: ExecutorSetting): Promise<number> {
  const start = now();
  await executed(executor, "return 2;", {}, 2);
  return now() - start;
}

/** As `round-trip.ts` does it: from one call's arrival at the host to the next one's. */
async function measureRoundTrip({ executor, now }: ExecutorSetting): Promise<Measured> {
  const arrivals: number[] = [];
  const echo = async (input: object) => {
    arrivals.push(now());
    return input;
  };
  // One more than there are times between them.
  const calls = callsPerSession + 1;
  const program = `let right = 0;
for (let n = 0; n < ${calls}; n++) if ((await tools.echo({ n })).n === n) right++;
return right;`;
  await executed(executor, program, { echo }, calls);
  if (arrivals.length !== calls) throw new Error(`${arrivals.length} of ${calls} calls arrived`);
  return { roundTripMs: arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? Number.NaN)) };
}

/** Throws unless the program returned exactly this: a fast wrong answer is no sample. */
async function executed(executor: Executor, program: string, tools: ExecutorTools, expected: number): Promise<void> {
  const outcome = await executor.execute({ program, tools, timeoutMs: patienceMs });
  if (outcome.status === "returned" && outcome.result === expected) return;
  const shown = JSON.stringify(outcome).slice(0, 200);
  throw new Error(`the execution ended as ${shown} where the result ${expected} was due`);
}
