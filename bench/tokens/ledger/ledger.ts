/**
 * Where one conversation's tokens went: cause by measure, each row adding up exactly. Pure. The rules are those of
 * docs/token-accounting.md; change one, and LEDGER_VERSION changes with it.
 */
import { cost } from "../../../contract/cost.ts";
import {
  type Block,
  type Cause,
  type CauseTable,
  type Counter,
  causes,
  type Ledger,
  type LedgerByTurn,
  type Measure,
  type ModelProfile,
  type ModelRequest,
  measures,
  type Restatement,
  type Serialisation,
  type Transcript,
  type TranscriptTurn,
  type TurnTokens,
  withoutFraming,
} from "../../../contract/index.ts";
import { blockText, causeOf, fixedBlocks, fixedBlockTokens } from "./blocks.ts";
import { type CountedShown, type CountedTranscript, countTranscript } from "./counted.ts";

/** Figures of different versions are never compared. */
export const LEDGER_VERSION = 2;

/**
 * The tokens of every request and turn of a transcript.
 *
 * Throws TypeError on a transcript with a gap: a block without a cause, a turn that is not there.
 */
export function ledger(
  transcript: Transcript,
  counter: Counter,
  serialisation: Serialisation,
  profile: ModelProfile,
): LedgerByTurn {
  return ledgerOf(countTranscript(transcript, counter, serialisation), profile);
}

/** The same of a transcript that is counted already. */
export function ledgerOf(counted: CountedTranscript, profile: ModelProfile): LedgerByTurn {
  const { sums, turns, exceedsWindowAt } = summed(counted, profile);
  return {
    counter: counted.counter,
    serialisation: counted.serialisation,
    version: LEDGER_VERSION,
    table: sums.table(counted, profile),
    totals: sums.totals(),
    framingTokens: framingTokens(counted.transcript, profile),
    turns,
    exceedsWindowAt,
  };
}

function summed(counted: CountedTranscript, profile: ModelProfile) {
  const { transcript, shownAt } = counted;
  const { minimumTokens } = profile.cache;
  const upTo = messagesUpTo(counted);
  const sums = measureSums(upTo.tokens);
  const { tokensOf } = sums;
  const turns: TurnTokens[] = [];
  let peak = { turn: -1, tokens: -1 };
  let exceedsWindowAt: number | null = null;
  let begin: CountedShown | undefined;

  for (let k = 0; k < transcript.turns.length; k++) {
    const { messagesSeen } = transcript.turns[k] as TranscriptTurn;
    if (transcript.messages[messagesSeen] === undefined) {
      throw new TypeError(`Turn ${k} is message ${messagesSeen}, and the transcript has no such message.`);
    }
    if (begin !== shownAt[k]) {
      begin = shownAt[k] as CountedShown;
      sums.begin(begin, beginTokens(begin, transcript, profile));
    }
    const input = tokensOf(messagesSeen);
    const context = tokensOf(messagesSeen + 1);
    const output = context - input;
    sums.add(billedInput, messagesSeen, nothing);
    sums.add(billedOutput, messagesSeen + 1, messagesSeen);
    if (context > peak.tokens) peak = { turn: k, tokens: context };

    // A prefix under the minimum was never written, and a request under it is not either. What is not written is uncached.
    const found = foundPrefix(counted, k, upTo.blocks, profile);
    const cold = tokensOf(found) >= minimumTokens ? found : nothing;
    // Only the first request can find what another conversation wrote.
    const warm = k === 0 && tokensOf(0) >= minimumTokens ? 0 : cold;
    const writes = input >= minimumTokens;
    sums.add(coldCacheRead, cold, nothing);
    sums.add(writes ? coldCacheWrite : coldUncached, messagesSeen, cold);
    sums.add(warmCacheRead, warm, nothing);
    sums.add(writes ? warmCacheWrite : warmUncached, messagesSeen, warm);
    const coldSplit = split(input, tokensOf(cold), writes);
    turns.push({ input, output, cold: coldSplit, warm: warm === cold ? coldSplit : split(input, tokensOf(warm), writes) });

    const fits = context <= profile.contextWindowTokens && output <= profile.maxOutputTokens;
    if (!fits) exceedsWindowAt ??= k;
  }
  const atPeak = transcript.turns[peak.turn];
  if (atPeak !== undefined) {
    const shown = shownAt[peak.turn] as CountedShown;
    sums.begin(shown, beginTokens(shown, transcript, profile));
    sums.add(peakContext, atPeak.messagesSeen + 1, nothing);
  }
  return { sums, turns, exceedsWindowAt };
}

function split(input: number, read: number, writes: boolean): TurnTokens["cold"] {
  return { read, write: writes ? input - read : 0, uncached: writes ? 0 : input - read };
}

function beginTokens(begin: CountedShown, transcript: Transcript, profile: ModelProfile): number {
  return sum(begin.tools) + framingOf(begin, transcript, profile) + sum(begin.system);
}

/** Of a request, or of each of a conversation's that shows a tool: the provider's tool-use prompt. `null`: not documented. */
export function framingTokens(
  { tools, toolChoice, turns = [] }: Pick<ModelRequest, "tools" | "toolChoice"> & Partial<Pick<Transcript, "turns">>,
  { toolUsePromptTokens }: Pick<ModelProfile, "toolUsePromptTokens">,
): number | null {
  const hasTool = tools.length > 0 || turns.some(({ shown }) => shown !== undefined && shown.tools.length > 0);
  return hasTool ? toolUsePromptTokens[toolChoice] : 0;
}

/** The same conversation without framing under `profile`, and as it is under each of `others`. */
export function restatements(
  counted: CountedTranscript,
  profile: ModelProfile,
  others: readonly ModelProfile[],
): readonly Restatement[] {
  const unframed = { ...profile, id: withoutFraming, toolUsePromptTokens: { auto: 0, any: 0 } };
  return [unframed, ...others].map((other) => {
    const { sums, exceedsWindowAt } = summed(counted, other);
    const totals = sums.totals();
    const framing = framingTokens(counted.transcript, other);
    return { id: other.id, totals, framingTokens: framing, exceedsWindowAt, cost: cost({ totals }, other) };
  });
}

/**
 * What a request may begin with: what it shows, and this many messages behind it. With sums over these a turn costs the same
 * however long the conversation is; counting its blocks again would make a long one quadratic.
 */
type Prefix = number;
const nothing: Prefix = -1;

/** By number of messages from the start: their blocks, and the tokens of these. */
function messagesUpTo({ tokens: messages }: CountedTranscript) {
  const blocks = [0];
  const tokens = [0];
  for (let m = 0; m < messages.length; m++) {
    const message = messages[m] as readonly number[];
    blocks.push((blocks[m] as number) + message.length);
    tokens.push((tokens[m] as number) + sum(message));
  }
  return { blocks, tokens };
}

/** What request k reads from the cache: the whole request before it, or nothing. */
function foundPrefix(
  { transcript: { turns }, shownAt }: CountedTranscript,
  k: number,
  blocksUpTo: readonly number[],
  { cache }: ModelProfile,
): Prefix {
  const before = turns[k - 1];
  const now = turns[k];
  if (before === undefined || now === undefined) return nothing;
  // The one write of a request is at its last block, so a request that does not extend the one before finds nothing.
  if (shownAt[k] !== shownAt[k - 1] || now.messagesSeen < before.messagesSeen) return nothing;
  const alive = before.gapSeconds <= cache.timeToLiveSeconds;
  const newBlocks = (blocksUpTo[now.messagesSeen] as number) - (blocksUpTo[before.messagesSeen] as number);
  return alive && newBlocks <= cache.lookBackBlocks ? before.messagesSeen : nothing;
}

/** Of a request that begins so. 0 where it is not documented. */
export function framingOf(
  { shown }: Pick<CountedShown, "shown">,
  { toolChoice }: Pick<Transcript, "toolChoice">,
  profile: ModelProfile,
): number {
  return framingTokens({ tools: shown.tools, toolChoice }, profile) ?? 0;
}

/**
 * Sums of prefixes, by measure and cause. A turn says only which prefix counts in which measure; a message counts as often as
 * the prefixes that hold it.
 */
function measureSums(tokensUpTo: readonly number[]) {
  /** By number of messages, then by measure. */
  const prefixes = new Int32Array(tokensUpTo.length * width);
  const begins = new Map<CountedShown, Begun>();
  let begun: Begun = { tokens: 0, times: new Int32Array(width) };
  const tokensOf = (prefix: Prefix): number => (prefix === nothing ? 0 : begun.tokens + (tokensUpTo[prefix] as number));
  const count = (column: number, prefix: Prefix, times: 1 | -1) => {
    if (prefix === nothing) return;
    begun.times[column] = (begun.times[column] as number) + times;
    const at = prefix * width + column;
    prefixes[at] = (prefixes[at] as number) + times;
  };
  return {
    /** What the prefixes that follow begin with, and its tokens. */
    begin(shown: CountedShown, tokens: number) {
      begun = begins.get(shown) ?? { tokens, times: new Int32Array(width) };
      begins.set(shown, begun);
    },
    tokensOf,
    /** Adds `prefix` less `without`, which it begins with. */
    add(column: number, prefix: Prefix, without: Prefix) {
      count(column, prefix, 1);
      count(column, without, -1);
    },
    totals: () =>
      byMeasure((column) => {
        let total = 0;
        for (const { tokens, times } of begins.values()) total += tokens * (times[column] as number);
        for (let m = 0; m < tokensUpTo.length; m++) {
          total += (tokensUpTo[m] as number) * (prefixes[m * width + column] as number);
        }
        return total;
      }),
    table({ transcript, tokens }: CountedTranscript, profile: ModelProfile): Ledger["table"] {
      const sums = new Float64Array(causes.length * width);
      const place = (cause: Cause, tokens: number, times: Int32Array) => {
        const row = rows[cause] * width;
        for (let column = 0; column < width; column++) {
          sums[row + column] = (sums[row + column] as number) + tokens * (times[column] as number);
        }
      };
      for (const [{ shown, tools, system }, { times }] of begins) {
        place("toolDefinitions", sum(tools), times);
        place("framing", framingOf({ shown }, transcript, profile), times);
        for (const [at, { cause }] of shown.system.entries()) place(cause, system[at] as number, times);
      }
      const times = new Int32Array(width);
      for (let m = tokens.length - 1; m >= 0; m--) {
        const held = (m + 1) * width;
        for (let column = 0; column < width; column++) {
          times[column] = (times[column] as number) + (prefixes[held + column] as number);
        }
        const message = tokens[m] as readonly number[];
        for (let b = 0; b < message.length; b++) place(causeOf(transcript, m, b), message[b] as number, times);
      }
      return byMeasure((column) => causeTable(sums, column));
    },
  };
}

/** What requests begin with: its tokens, and how often they count in each measure. */
interface Begun {
  readonly tokens: number;
  readonly times: Int32Array;
}

function causeTable(sums: Float64Array, column: number): CauseTable {
  const table: { [C in Cause]?: number } = {};
  for (let row = 0; row < causes.length; row++) {
    const tokens = sums[row * width + column] as number;
    if (tokens > 0) table[causes[row] as Cause] = tokens;
  }
  return table;
}

function byMeasure<T>(value: (column: number) => T): { readonly [M in Measure]: T } {
  const all: { [M in Measure]?: T } = {};
  for (let column = 0; column < width; column++) all[measures[column] as Measure] = value(column);
  return all as { readonly [M in Measure]: T };
}

const numbered = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key, at) => [key, at])) as { readonly [key in K]: number };
const rows = numbered(causes);
const width = measures.length;
const { peakContext, billedInput, billedOutput, coldCacheRead, coldCacheWrite, coldUncached, ...warmColumns } =
  numbered(measures);
const { warmCacheRead, warmCacheWrite, warmUncached } = warmColumns;

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Tokens of one block of a message, for callers that count while a conversation is still going on. */
export function blockTokens(block: Block, counter: Counter, serialisation: Serialisation): number {
  return counter.count(blockText(block, serialisation));
}

/** Tokens of tools, framing and system, which a request begins with. */
export function fixedTokens(request: Omit<ModelRequest, "messages">, counter: Counter, profile: ModelProfile): number {
  const blocks = fixedBlocks(request, framingTokens(request, profile));
  return blocks.reduce((tokens, block) => tokens + fixedBlockTokens(block, counter.count), 0);
}
