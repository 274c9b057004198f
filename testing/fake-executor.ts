/** An executor of another project that is only data, for tests of what is done with them. */
import type { Execution, ExecutionOutcome, Executor } from "../contract/index.ts";

export interface FakeExecutorOptions extends Partial<Executor> {
  /** What a program returns; what it throws rejects the execution. */
  readonly play?: (execution: Execution) => Promise<unknown> | unknown;
}

export function fakeExecutor({ play = playByHand, ...own }: FakeExecutorOptions = {}): Executor {
  return {
    id: "fake-executor",
    title: "A fake",
    version: "fake-executor 1",
    available: async () => ({ status: "available" }),
    execute: async (execution): Promise<ExecutionOutcome> => ({ status: "returned", result: await play(execution), output: "" }),
    dispose: async () => undefined,
    ...own,
  };
}

/** Does what the bench's own programs do. */
async function playByHand({ program, tools }: Execution): Promise<number> {
  const many = Number(/n < (\d+)/.exec(program)?.[1] ?? 0);
  for (let n = 0; n < many; n++) await tools.echo?.({ n });
  return many === 0 ? 2 : many;
}
