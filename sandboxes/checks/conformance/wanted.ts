/** What checks ask of a backend, failing in words that its author can act on: what was wanted, and what came instead. */
import { AssertionError } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type ErrorCode, isBenchError, type LimitName, type Outcome } from "../../../contract/index.ts";

/** Characters of a text or value that a message quotes. */
const quotedLength = 300;

const short = (text: string): string => (text.length <= quotedLength ? text : `${text.slice(0, quotedLength)}…`);
const oneLine = (text: string): string => short(text).replaceAll("\n", "\\n");

/** Values that JSON has no text for are only `undefined` and functions here. */
const valueText = (value: unknown): string => short(JSON.stringify(value) ?? String(value));

const shown = (text: string): string => (text === "" ? " nothing" : `: ${oneLine(text)}`);

/** How a run ended, and its text: `it returned, and showed: 42`. */
export function told({ text, ...outcome }: Outcome): string {
  const end = outcome.status === "limit-exceeded" ? `was ended by the limit ${outcome.limit}` : outcome.status;
  return `it ${end}, and showed${shown(text)}`;
}

/** The run shows exactly `text`, however it ends. `where`: which of several runs it was. */
export function wantText(outcome: Outcome, text: string, where = ""): void {
  same(outcome.text, text, `wanted: it shows${shown(text)}; ${told(outcome)}${where}`);
}

/** The run shows exactly `text`, and threw nothing. */
export function wantReturn(outcome: Outcome, text: string): void {
  const message = `wanted: it returns, and shows${shown(text)}; ${told(outcome)}`;
  same(outcome.text, text, message);
  want(outcome.status === "returned", message);
}

export function wantMatch(outcome: Outcome, pattern: RegExp): void {
  want(pattern.test(outcome.text), `wanted: a text that matches ${pattern}; ${told(outcome)}`);
}

/** Bytes that a text may have beyond the limit of output: the line that says so. */
const cutLineBytes = 40;

/** What was kept of the output, and what says that it was cut, is no longer than it may be. */
export function wantBounded(outcome: Outcome, outputBytes: number): void {
  const bytes = Buffer.byteLength(outcome.text);
  want(
    bytes <= outputBytes + cutLineBytes,
    `wanted: a text of ${outputBytes} bytes and the line that says it was cut; it has ${bytes}`,
  );
}

/** The output is cut on a whole character, with the fixed line; `after`: what follows that. */
export function wantCut(outcome: Outcome, outputBytes: number, after = ""): void {
  const { text } = outcome;
  const end = `\n[output cut at ${outputBytes} bytes]${after}`;
  want(text.endsWith(end), `wanted: a text that ends with ${oneLine(end)}; ${told(outcome)}, up to ${oneLine(text.slice(-80))}`);
  want(!text.includes("\uFFFD"), "wanted: output cut between characters; it holds half of one (U+FFFD)");
  wantBounded({ ...outcome, text: text.slice(0, text.length - after.length) }, outputBytes);
}

/** `where`: which of several runs it was. */
export function wantEnd(outcome: Outcome, limit: LimitName | "aborted", where = ""): void {
  const ended = outcome.status === "limit-exceeded" && outcome.limit === limit;
  want(ended, `wanted: ended by the limit ${limit}; ${told(outcome)}${where}`);
}

/** `what`: what is compared, e.g. `the host's listFiles()`. */
export function wantSame(what: string, found: unknown, wanted: unknown): void {
  same(found, wanted, `${what}: wanted ${valueText(wanted)}, found ${valueText(found)}`);
}

/** The run threw, and names the signal that its process ended with. What it printed may be lost with the process. */
export function wantCrash(outcome: Outcome, signal: string): void {
  const crashed = `Error: Error: The program ended its process with ${signal}`;
  want(outcome.status === "threw" && outcome.text.endsWith(crashed), `wanted: it shows at last: ${crashed}; ${told(outcome)}`);
}

/** The promise rejects with this code. `what`: what was asked for, e.g. `a run after close`. */
export async function wantRefusal(what: string, promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const wanted = `${what}: wanted an error ${code}`;
  const refusal = await promise.then(
    () => new AssertionError({ message: `${wanted}; it was carried out` }),
    (error: unknown) => error,
  );
  if (isBenchError(refusal, code)) return;
  if (refusal instanceof AssertionError) throw refusal;
  throw new AssertionError({ message: `${wanted}; it failed with ${refusal}`, actual: refusal });
}

/** Test runners show the two values; with an operator beside them, Node would write them into the message. */
function same(actual: unknown, expected: unknown, message: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new AssertionError({ message, actual, expected });
}

/** `message` says what was wanted, and what came. */
export function want(holds: boolean, message: string): asserts holds {
  if (!holds) throw new AssertionError({ message });
}
