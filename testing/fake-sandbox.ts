/** A backend that is only data, for tests of what is done with backends. */
import type { Outcome, Program, RunOptions, Sandbox, Session } from "../contract/index.ts";

export interface FakeSandbox extends Sandbox {
  /** Sessions in the order in which they were opened. */
  readonly sessions: readonly { readonly closed: boolean }[];
}

export interface FakeSandboxOptions extends Partial<Sandbox> {
  /** Text that a program shows; what it throws fails the run. */
  readonly play?: (program: Program, options: RunOptions, session: number) => Promise<string> | string;
  /** Rejects or resolves before a session is opened. */
  readonly beforeOpen?: (session: number) => Promise<void>;
}

export function fakeSandbox({ play = playByHand, beforeOpen, ...own }: FakeSandboxOptions = {}): FakeSandbox {
  const sessions: { closed: boolean }[] = [];
  const open = async (): Promise<Session> => {
    const state = { closed: false };
    const index = sessions.push(state) - 1;
    await beforeOpen?.(index);
    return {
      run: async (program, options) => outcomeOf(await play(program, options, index)),
      readFile: async () => new Uint8Array(),
      writeFile: async () => undefined,
      listFiles: async () => [],
      usage: async () => ({ residentBytes: 1_000_000 }),
      async close() {
        state.closed = true;
      },
    };
  };
  return {
    id: "fake",
    title: "A fake",
    isolation: "process",
    control: false,
    languages: ["javascript"],
    enforces: [],
    bridgeTransport: "none",
    persists: { files: false, globals: [] },
    version: "fake 1",
    maxSessions: 8,
    emulates: null,
    configuration: { flags: ["a"] },
    available: async () => ({ status: "available" }),
    open,
    sweep: async () => undefined,
    dispose: async () => undefined,
    ...own,
    sessions,
  };
}

/** Does what the bench's own programs do. */
export async function playByHand({ source }: Program, { bridge }: RunOptions): Promise<string> {
  const many = /n < (\d+)/.exec(source)?.[1];
  for (let n = 0; n < Number(many ?? 0); n++) await bridge.call("lab", "echo", { n });
  if (many !== undefined) return many;
  return /\{ n: (\d+) \}/.exec(source)?.[1] ?? "2";
}

function outcomeOf(text: string): Outcome {
  return {
    status: "returned",
    text,
    activity: { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 },
  };
}
