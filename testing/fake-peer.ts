/** An executor of another project that is only data, for tests of what is done with them. */
import type { PeerExecution, PeerExecutor, PeerOutcome } from "../contract/index.ts";

export interface FakePeerOptions extends Partial<PeerExecutor> {
  /** What a program returns; what it throws rejects the execution. */
  readonly play?: (execution: PeerExecution) => Promise<unknown> | unknown;
}

export function fakePeer({ play = playByHand, ...own }: FakePeerOptions = {}): PeerExecutor {
  return {
    id: "fake-peer",
    title: "A fake",
    version: "fake-peer 1",
    available: async () => ({ status: "available" }),
    execute: async (execution): Promise<PeerOutcome> => ({ status: "returned", result: await play(execution), output: "" }),
    dispose: async () => undefined,
    ...own,
  };
}

/** Does what the bench's own programs do. */
async function playByHand({ program, tools }: PeerExecution): Promise<number> {
  const many = Number(/n < (\d+)/.exec(program)?.[1] ?? 0);
  for (let n = 0; n < many; n++) await tools.echo?.({ n });
  return many === 0 ? 2 : many;
}
