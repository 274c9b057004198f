/** What the conformance checks are written with: a bridge of odd tools, and ways to play one program. */
import type {
  CallReply,
  EnforcedLimit,
  GuestBridge,
  JsonObject,
  LimitName,
  Need,
  Outcome,
  RunOptions,
  Sandbox,
  Session,
} from "../../../contract/index.ts";
import { wantEnd, wantReturn } from "./wanted.ts";

export interface ConformanceContext {
  readonly sandbox: Sandbox;
  /** The backend's own `tmpDir`, with nothing else in it. */
  readonly tmpDir: string;
  /** An absolute path of a host's file that no guest may read. */
  readonly canaryFile: string;
}

export interface ConformanceCheck {
  readonly id: string;
  readonly title: string;
  /** The limit that it tries to break. */
  readonly limit?: EnforcedLimit;
  readonly needs?: readonly Need[];
  /** As that of `SandboxCheck`. */
  readonly hostile?: true;
  /** Rejects with what is wrong. */
  run(context: ConformanceContext): Promise<void>;
}

export const memoryBytes = 64 * 2 ** 20;
export const outputBytes = 20_000;

/**
 * Milliseconds of wall time for a program that is not about time, and for a whole check. Both only end what hangs: no
 * machine is so busy that anything else takes so long.
 */
export const patientMs = 120_000;
export const checkPatienceMs = 5 * patientMs;

/** Milliseconds of wall time for a program that never ends. */
export const briefMs = ({ sandbox }: ConformanceContext): number => (sandbox.emulates === null ? 600 : 3_000);

/**
 * Plays a program that prints and then never ends, with more and more wall time until some was enough to print: how much
 * that is depends on how busy the machine is, and that the time ends the program does not.
 */
export async function endsByTime(
  context: ConformanceContext,
  playFor: (wallTimeMs: number) => Promise<Outcome>,
): Promise<Outcome> {
  for (let wallTimeMs = briefMs(context); ; wallTimeMs *= 4) {
    const outcome = await playFor(wallTimeMs);
    if (outcome.text !== "" || wallTimeMs > patientMs) return outcome;
  }
}

/** Server `lab`: `echo` gives its input back, `text` has no structured content, `fail` says isError, `slow` never answers. */
export function labBridge(): GuestBridge & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    async call(server, tool, input, signal): Promise<CallReply> {
      calls.push(`${server}/${tool}`);
      if (tool === "echo") return { status: "ok", text: JSON.stringify(input), structured: input };
      if (tool === "text") return { status: "ok", text: "plain" };
      if (tool === "big") return { status: "ok", text: "", structured: { text: "x".repeat(Number(input.length)) } };
      if (tool === "deep") return { status: "ok", text: "", structured: nested(100_000) };
      if (tool === "slow") return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(refused)));
      return { status: "tool-error", text: `no ${tool} here` };
    },
  };
}
const refused: CallReply = { status: "failed", text: "aborted" };

function nested(levels: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

export const files = new Map([
  ["servers/lab/echo.ts", `export const echo = (input: object): Promise<unknown> => callTool("lab", "echo", input);\n`],
]);

interface PlayOptions extends Partial<RunOptions> {
  readonly memoryBytes?: number;
}

export async function withSession<T>(
  { sandbox }: ConformanceContext,
  use: (session: Session) => Promise<T>,
  memory = memoryBytes,
) {
  const session = await sandbox.open({ language: "javascript", files, memoryBytes: memory });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

export const runIn = (session: Session, source: string, options: PlayOptions = {}): Promise<Outcome> =>
  session.run(
    { file: "program.ts", source },
    { bridge: labBridge(), wallTimeMs: patientMs, outputBytes, virtualTime: false, ...options },
  );

export const play = (context: ConformanceContext, source: string, options: PlayOptions = {}) =>
  withSession(context, (session) => runIn(session, source, options), options.memoryBytes);

/** The program ends well and shows exactly this. */
export async function shows(context: ConformanceContext, source: string, text: string, options: PlayOptions = {}) {
  wantReturn(await play(context, source, options), text);
}

export async function exceeds(context: ConformanceContext, source: string, limit: LimitName, options: PlayOptions = {}) {
  const outcome = await play(context, source, options);
  wantEnd(outcome, limit);
  // The host is well, and so is the backend.
  await shows(context, `console.log("next")`, "next");
  return outcome;
}

/** `playOnce` opens a session of its own. A limit that only some sessions keep, e.g. by a race at their start, is not kept. */
export async function endsEvery({ sandbox }: ConformanceContext, limit: LimitName, playOnce: () => Promise<Outcome>) {
  const sessions = sandbox.emulates === null ? 4 : 2;
  for (let n = 1; n <= sessions; n++) wantEnd(await playOnce(), limit, ` (session ${n} of ${sessions})`);
}
