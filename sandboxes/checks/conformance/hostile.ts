/**
 * What the hostile programs of both languages share: the caps on what the host's own thread decodes for a guest, the texts
 * of what it refuses, and what is wanted of an attack. How long the host was held and what it cost in memory is measured
 * meanwhile (`host-watch.ts`) and never asserted: it says as much of the machine as of the backend.
 */
import {
  BenchError,
  type GuestBridge,
  isBenchError,
  type JsonObject,
  type Outcome,
  type Session,
} from "../../../contract/index.ts";
import { type ConformanceContext, memoryBytes, outputBytes } from "./context.ts";
import { told, want, wantBounded } from "./wanted.ts";

/** Bytes of one call's input as JSON, values in it (each object, array, text, number, boolean and null), and levels of nesting. */
export const inputCaps = { bytes: 2 ** 20, values: 131_072, levels: 500 } as const;
export const refusals = {
  bytes: (tool: string) => `The input of ${tool} is longer than ${inputCaps.bytes} bytes`,
  values: (tool: string) => `The input of ${tool} holds more than ${inputCaps.values} values`,
  levels: (tool: string) => `The input of ${tool} is nested more than ${inputCaps.levels} levels deep`,
  name: "The name of a server or tool is longer than 256 characters",
} as const;
/** UTF-16 units of the name of a server or tool. */
export const nameLength = 256;
/** Bytes that a call without an answer counts as, beside its input. */
const callBytes = 1_024;
/** Paths that the host lists of a session. */
const mostFiles = 10_000;

/** Room for an attack to be made in: what then refuses it is the host, not the guest's own memory. */
export const roomBytes = 8 * memoryBytes;

/** How much an emulated machine is asked to do of what others are. */
export const scaled = ({ sandbox }: ConformanceContext, count: number): number =>
  sandbox.emulates === null ? count : Math.ceil(count / 4);

export interface CountingBridge extends GuestBridge {
  /** Calls that reached it, and values in their inputs. */
  readonly seen: { calls: number; values: number };
}

/** Keeps nothing of what it is given. `answers`: whether calls are answered, at once, or never. */
export function countingBridge({ answers }: { readonly answers: boolean }): CountingBridge {
  const seen = { calls: 0, values: 0 };
  return {
    seen,
    async call(_server, _tool, input) {
      seen.calls++;
      seen.values += valuesIn(input);
      if (answers) return { status: "ok", text: "" };
      // Not even a listener of the signal: with this many, adding one more would be what takes the time.
      return new Promise(() => undefined);
    },
  };
}

/** Its results are nested as deep as `levels` of the input says. */
export const deepBridge: GuestBridge = {
  async call(_server, _tool, { levels }) {
    let structured: JsonObject = {};
    for (let level = 1; level < Number(levels); level++) structured = { structured };
    return { status: "ok", text: "", structured };
  },
};
/** What a program shows of results of 400, 501 and 100,000 levels. The host itself overflows at the last. */
export const deepResults = (name: string): string =>
  ["answered", `${name}The result of lab/deep is nested more than ${inputCaps.levels} levels deep`, "ToolError"].join("\n");

/** Without recursion: it may be as deep as a guest could make it. */
function valuesIn(input: JsonObject): number {
  const left: unknown[] = [input];
  let values = 0;
  while (left.length > 0) {
    const value = left.pop();
    values++;
    if (typeof value === "object" && value !== null) for (const own of Object.values(value)) left.push(own);
  }
  return values;
}

/**
 * Every call of an attack was refused with this text, which the program shows; or the guest ran out of its own memory first.
 * Either way the bridge has seen none of it.
 */
export function wantRefused(outcome: Outcome, shown: string, bridge: CountingBridge): void {
  want(
    (outcome.status === "limit-exceeded" && outcome.limit === "memory") || outcome.text === shown,
    `wanted: it shows: ${shown}, or is ended by the limit memory; ${told(outcome)}`,
  );
  want(bridge.seen.calls === 0, `wanted: no call of it reaches the bridge; ${bridge.seen.calls} did`);
}

/** Calls without an answer filled the session's memory, which ended it; the bridge has seen no more of them than fit. */
export function wantFilled(outcome: Outcome, bridge: CountingBridge): void {
  want(outcome.status === "limit-exceeded" && outcome.limit === "memory", `wanted: ended by the limit memory; ${told(outcome)}`);
  const most = memoryBytes / callBytes;
  want(bridge.seen.calls <= most, `wanted: at most ${most} calls reach the bridge; ${bridge.seen.calls} did`);
}

/** The run ended by itself or by one of these limits, and what is kept of it is bounded. */
export function wantKept(outcome: Outcome, limits: readonly string[], statuses: readonly Outcome["status"][]): void {
  const ended = outcome.status === "limit-exceeded" ? limits.includes(outcome.limit) : statuses.includes(outcome.status);
  want(
    ended,
    `wanted: it ${[...statuses, ...limits.map((limit) => `is ended by the limit ${limit}`)].join(", or ")}; ${told(outcome)}`,
  );
  wantBounded(outcome, outputBytes);
  const reported = Buffer.byteLength(JSON.stringify(outcome.activity));
  want(reported <= 2 ** 20, `wanted: at most ${2 ** 20} bytes about what it did with files; there are ${reported}`);
  if (outcome.status !== "threw") return;
  const error = Buffer.byteLength(JSON.stringify(outcome.error));
  want(error <= 4 * outputBytes, `wanted: an error of at most ${4 * outputBytes} bytes; it has ${error}`);
}

/** The host lists no more than it may, or refuses to. */
export async function wantFewFiles(session: Session): Promise<void> {
  const listed = await orLimit(session.listFiles());
  if (listed === "LIMIT") return;
  want(listed.length <= mostFiles, `wanted: at most ${mostFiles} files are listed, or LIMIT; ${listed.length} are`);
}

/** The host has the whole file, or is refused it. */
export async function wantWhole(session: Session, path: string, bytes: number): Promise<void> {
  const read = await orLimit(session.readFile(path));
  if (read !== "LIMIT") want(read.length === bytes, `wanted: ${bytes} bytes of ${path}, or LIMIT; there are ${read.length}`);
}

async function orLimit<T>(work: Promise<T>): Promise<T | "LIMIT"> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BenchError && isBenchError(error, "LIMIT")) return "LIMIT";
    throw error;
  }
}
