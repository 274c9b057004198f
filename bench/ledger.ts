/**
 * Where one conversation's tokens went: cause by measure, each row adding up exactly. Pure. The rules are those of the
 * README's section on token accounting; change one, and LEDGER_VERSION changes with it.
 */
import { blockText, type CountedBlock, countedBlocks, fixedBlocks } from "./ledger/blocks.ts";
import {
  type Block,
  type Cause,
  type CauseTable,
  type Counter,
  causes,
  type Ledger,
  type Measure,
  type ModelProfile,
  type ModelRequest,
  measures,
  type Serialisation,
  type Transcript,
  type TurnTokens,
} from "./types/index.ts";

/** Figures of different versions are never compared. */
export const LEDGER_VERSION = 1;

/**
 * The tokens of every request and turn of a transcript.
 *
 * Throws TypeError on a transcript that does not hang together: a block without a cause, a turn that is not there.
 */
export function ledger(transcript: Transcript, counter: Counter, serialisation: Serialisation, profile: ModelProfile): Ledger {
  const { fixed, upTo } = prefixSums(transcript, counter, serialisation);
  const sums: Record<Measure, Tokens> = mapMeasures(() => noTokens);
  const add = (measure: Measure, tokens: Tokens): void => {
    sums[measure] = plus(sums[measure], tokens);
  };
  const turns: TurnTokens[] = [];
  let exceedsWindowAt: number | null = null;

  for (const [k, { messagesSeen }] of transcript.turns.entries()) {
    const input = upTo[messagesSeen];
    const after = upTo[messagesSeen + 1];
    if (!input || !after) throw new TypeError(`Turn ${k} is message ${messagesSeen}, and the transcript has no such message.`);
    const output = minus(after, input);
    const context = after;

    add("billedInput", input);
    add("billedOutput", output);
    if (k === 0 || context.total > sums.peakContext.total) sums.peakContext = context;

    const found = foundPrefix(transcript, k, upTo, profile);
    const cold = cacheSplit(input, k === 0 ? noTokens : found, profile);
    const warm = cacheSplit(input, k === 0 ? fixed : found, profile);
    add("coldCacheRead", cold.read);
    add("coldCacheWrite", cold.write);
    add("coldUncached", cold.uncached);
    add("warmCacheRead", warm.read);
    add("warmCacheWrite", warm.write);
    add("warmUncached", warm.uncached);
    turns.push({ input: input.total, output: output.total, cold: totals(cold), warm: totals(warm) });

    const fits = context.total <= profile.contextWindowTokens && output.total <= profile.maxOutputTokens;
    if (!fits) exceedsWindowAt ??= k;
  }

  return {
    counter: counter.id,
    serialisation,
    version: LEDGER_VERSION,
    table: mapMeasures((measure) => causeTable(sums[measure])),
    totals: mapMeasures((measure) => sums[measure].total),
    turns,
    exceedsWindowAt,
  };
}

/** What request k finds written by the request before: all of that request, or nothing. */
function foundPrefix({ turns }: Transcript, k: number, upTo: readonly Prefix[], { cache }: ModelProfile): Tokens {
  const before = turns[k - 1];
  const now = turns[k];
  if (!before || !now) return noTokens;
  const written = upTo[before.messagesSeen];
  const request = upTo[now.messagesSeen];
  // The one write of a request is at its last block, so a request that does not extend the one before finds nothing.
  if (!written || !request || now.messagesSeen < before.messagesSeen) return noTokens;
  const alive = before.gapSeconds <= cache.timeToLiveSeconds;
  const inReach = request.blocks - written.blocks <= cache.lookBackBlocks;
  return alive && inReach ? written : noTokens;
}

interface CacheSplit {
  readonly read: Tokens;
  readonly write: Tokens;
  readonly uncached: Tokens;
}

/** A prefix under the minimum was never written, and a request under it is not written either. */
function cacheSplit(input: Tokens, found: Tokens, { cache }: ModelProfile): CacheSplit {
  const read = found.total >= cache.minimumTokens ? found : noTokens;
  const rest = minus(input, read);
  return input.total >= cache.minimumTokens
    ? { read, write: rest, uncached: noTokens }
    : { read, write: noTokens, uncached: rest };
}

const totals = ({ read, write, uncached }: CacheSplit): TurnTokens["cold"] => ({
  read: read.total,
  write: write.total,
  uncached: uncached.total,
});

/** Tokens by cause, in the order of `causes`. */
interface Tokens {
  readonly byCause: readonly number[];
  readonly total: number;
}

/** A request up to some message. */
interface Prefix extends Tokens {
  readonly blocks: number;
}

const noTokens: Prefix = { byCause: causes.map(() => 0), total: 0, blocks: 0 };

/**
 * `upTo[m]` is tools, system and `messages[0..m)`. With these sums a turn costs the same however long the conversation
 * is; counting its blocks again would make a long one quadratic.
 */
function prefixSums(transcript: Transcript, counter: Counter, serialisation: Serialisation) {
  const count = onceEach(counter);
  const blocks = countedBlocks(transcript, serialisation);
  const fixed = extend(noTokens, blocks.fixed, count);
  let prefix = fixed;
  const upTo = [fixed, ...blocks.messages.map((message) => (prefix = extend(prefix, message, count)))];
  return { fixed, upTo };
}

/** Counts each distinct text once. */
function onceEach(counter: Counter): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const tokens = known.get(text) ?? counter.count(text);
    known.set(text, tokens);
    return tokens;
  };
}

const causeAt = new Map(causes.map((cause, at) => [cause, at]));

function extend(prefix: Prefix, blocks: readonly CountedBlock[], count: (text: string) => number): Prefix {
  const byCause = [...prefix.byCause];
  let total = prefix.total;
  for (const { cause, text } of blocks) {
    const tokens = count(text);
    const at = causeAt.get(cause) ?? 0;
    byCause[at] = (byCause[at] ?? 0) + tokens;
    total += tokens;
  }
  return { byCause, total, blocks: prefix.blocks + blocks.length };
}

const plus = (a: Tokens, b: Tokens): Tokens => ({
  byCause: a.byCause.map((tokens, at) => tokens + (b.byCause[at] ?? 0)),
  total: a.total + b.total,
});

const minus = (a: Tokens, b: Tokens): Tokens => ({
  byCause: a.byCause.map((tokens, at) => tokens - (b.byCause[at] ?? 0)),
  total: a.total - b.total,
});

const causeTable = (tokens: Tokens): CauseTable =>
  Object.fromEntries(
    causes.map((cause, at): [Cause, number] => [cause, tokens.byCause[at] ?? 0]).filter(([, count]) => count > 0),
  );

const mapMeasures = <T>(value: (measure: Measure) => T): Record<Measure, T> =>
  Object.fromEntries(measures.map((measure) => [measure, value(measure)])) as Record<Measure, T>;

/** Tokens of one block of a message, for callers that count while a conversation is still going on. */
export function blockTokens(block: Block, counter: Counter, serialisation: Serialisation): number {
  return counter.count(blockText(block, serialisation));
}

/** Tokens of tools and system, which every request of a conversation begins with. */
export function fixedTokens(request: Pick<ModelRequest, "system" | "tools">, counter: Counter): number {
  return fixedBlocks(request).reduce((tokens, { text }) => tokens + counter.count(text), 0);
}
