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
  type LedgerByTurn,
  type Measure,
  type ModelProfile,
  type ModelRequest,
  measures,
  type Restatement,
  type Serialisation,
  type Shown,
  type Transcript,
  type TurnTokens,
  withoutFraming,
} from "../../../contract/index.ts";
import { blockText, causeOf, fixedBlocks, fixedBlockTokens, shownByTurn } from "./blocks.ts";

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
  const { present, requests } = counted(transcript, counter, serialisation, profile);
  const sums = mapMeasures((): Sum => ({ byCause: present.map(() => 0), total: 0 }));
  let peak: Tokens = noTokens;
  const turns: TurnTokens[] = [];
  let exceedsWindowAt: number | null = null;

  for (const [k, { shown, input, context }] of requests.entries()) {
    const output = context.total - input.total;

    add(sums.billedInput, input, noTokens);
    add(sums.billedOutput, context, input);
    if (k === 0 || context.total > peak.total) peak = context;

    const found = foundPrefix(transcript, k, requests, profile);
    const cold = cacheSplit(input, k === 0 ? noTokens : found, profile);
    const warm = cacheSplit(input, k === 0 ? shown : found, profile);
    add(sums.coldCacheRead, cold.read, noTokens);
    add(cold.writes ? sums.coldCacheWrite : sums.coldUncached, input, cold.read);
    add(sums.warmCacheRead, warm.read, noTokens);
    add(warm.writes ? sums.warmCacheWrite : sums.warmUncached, input, warm.read);
    turns.push({ input: input.total, output, cold: totals(input, cold), warm: totals(input, warm) });

    const fits = context.total <= profile.contextWindowTokens && output <= profile.maxOutputTokens;
    if (!fits) exceedsWindowAt ??= k;
  }
  add(sums.peakContext, peak, noTokens);

  return {
    counter: counter.id,
    serialisation,
    version: LEDGER_VERSION,
    table: mapMeasures((measure) => causeTable(sums[measure], present)),
    totals: mapMeasures((measure) => sums[measure].total),
    framingTokens: framingTokens(transcript, profile),
    turns,
    exceedsWindowAt,
  };
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
  transcript: Transcript,
  counter: Counter,
  serialisation: Serialisation,
  profile: ModelProfile,
  others: readonly ModelProfile[],
): readonly Restatement[] {
  const unframed = { ...profile, id: withoutFraming, toolUsePromptTokens: { auto: 0, any: 0 } };
  return [unframed, ...others].map((other) => {
    const counted = ledger(transcript, counter, serialisation, other);
    const { totals, framingTokens, exceedsWindowAt } = counted;
    return { id: other.id, totals, framingTokens, exceedsWindowAt, cost: cost(counted, other) };
  });
}

/** What request k reads from the cache: the whole request before it, or nothing. */
function foundPrefix({ turns }: Transcript, k: number, requests: readonly Request[], { cache }: ModelProfile): Tokens {
  const before = turns[k - 1];
  const written = requests[k - 1];
  const now = requests[k];
  if (!before || !written || !now) return noTokens;
  // The one write of a request is at its last block, so a request that does not extend the one before finds nothing.
  if (now.shown !== written.shown || now.messagesSeen < written.messagesSeen) return noTokens;
  const alive = before.gapSeconds <= cache.timeToLiveSeconds;
  const inReach = now.input.blocks - written.input.blocks <= cache.lookBackBlocks;
  return alive && inReach ? written.input : noTokens;
}

interface CacheSplit {
  readonly read: Tokens;
  /** What is not read is written; otherwise it is uncached. */
  readonly writes: boolean;
}

/** A prefix under the minimum was never written, and a request under it is not either. */
function cacheSplit(input: Tokens, found: Tokens, { cache }: ModelProfile): CacheSplit {
  const read = found.total >= cache.minimumTokens ? found : noTokens;
  return { read, writes: input.total >= cache.minimumTokens };
}

function totals(input: Tokens, { read, writes }: CacheSplit): TurnTokens["cold"] {
  const rest = input.total - read.total;
  return { read: read.total, write: writes ? rest : 0, uncached: writes ? 0 : rest };
}

/** Tokens by cause, for the causes of this conversation only: the sums are made for every turn. */
interface Tokens {
  readonly byCause: readonly number[];
  readonly total: number;
}

/** Tokens of some blocks that follow each other. */
interface Prefix extends Tokens {
  readonly blocks: number;
}

const noTokens: Prefix = { byCause: [], total: 0, blocks: 0 };

/** One request, counted. */
interface Request {
  readonly messagesSeen: number;
  /** Tools, framing and system; one object for all requests that show the same. */
  readonly shown: Prefix;
  readonly input: Prefix;
  /** The input, and the turn that was written on it. */
  readonly context: Prefix;
}

/**
 * The requests, from sums over the messages: with these a turn costs the same however long the conversation is; counting its
 * blocks again would make a long one quadratic. `present` is the conversation's causes, in the order of `Tokens.byCause`.
 */
function counted(transcript: Transcript, counter: Counter, serialisation: Serialisation, profile: ModelProfile) {
  const count = onceEach(counter);
  const present: Cause[] = [];
  const extended = (prefix: Prefix, blocks: readonly { readonly cause: Cause; readonly tokens: number }[]): Prefix => {
    const byCause = prefix.byCause.slice();
    let { total } = prefix;
    for (const { cause, tokens } of blocks) {
      let at = present.indexOf(cause);
      if (at < 0) at = present.push(cause) - 1;
      byCause[at] = (byCause[at] ?? 0) + tokens;
      total += tokens;
    }
    return { byCause, total, blocks: prefix.blocks + blocks.length };
  };

  const prefixes = new Map<Shown, Prefix>();
  const shownPrefix = (shown: Shown): Prefix => {
    let prefix = prefixes.get(shown);
    if (prefix === undefined) {
      const framing = framingTokens({ ...shown, toolChoice: transcript.toolChoice }, profile);
      const blocks = fixedBlocks(shown, framing);
      prefix = extended(
        noTokens,
        blocks.map((block) => ({ cause: block.cause, tokens: fixedBlockTokens(block, count) })),
      );
      prefixes.set(shown, prefix);
    }
    return prefix;
  };
  const upTo = [noTokens];
  for (const [m, { content }] of transcript.messages.entries()) {
    const blocks = content.map((block, b) => ({
      cause: causeOf(transcript, m, b),
      tokens: count(blockText(block, serialisation)),
    }));
    upTo.push(extended(upTo[m] ?? noTokens, blocks));
  }

  const together = (a: Prefix, b: Prefix): Prefix => ({
    byCause: present.map((_, at) => (a.byCause[at] ?? 0) + (b.byCause[at] ?? 0)),
    total: a.total + b.total,
    blocks: a.blocks + b.blocks,
  });
  const shownAt = shownByTurn(transcript);
  const requests = transcript.turns.map(({ messagesSeen }, k): Request => {
    const [before, after] = [upTo[messagesSeen], upTo[messagesSeen + 1]];
    if (!before || !after) throw new TypeError(`Turn ${k} is message ${messagesSeen}, and the transcript has no such message.`);
    const shown = shownPrefix(shownAt[k] ?? transcript);
    return { messagesSeen, shown, input: together(shown, before), context: together(shown, after) };
  });
  return { present, requests };
}

/** Counts each distinct text once. */
function onceEach(counter: Counter): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    let tokens = known.get(text);
    if (tokens === undefined) {
      tokens = counter.count(text);
      known.set(text, tokens);
    }
    return tokens;
  };
}

/** Tokens that are added up in place: a turn makes no arrays, however many measures there are. */
interface Sum {
  readonly byCause: number[];
  total: number;
}

/** Adds `tokens` less `without`, its prefix. */
function add(sum: Sum, tokens: Tokens, without: Tokens): void {
  for (let at = 0; at < sum.byCause.length; at++) {
    sum.byCause[at] = (sum.byCause[at] ?? 0) + (tokens.byCause[at] ?? 0) - (without.byCause[at] ?? 0);
  }
  sum.total += tokens.total - without.total;
}

const causeTable = (tokens: Tokens, present: readonly Cause[]): CauseTable =>
  Object.fromEntries(
    causes.map((cause): [Cause, number] => [cause, tokens.byCause[present.indexOf(cause)] ?? 0]).filter(([, count]) => count > 0),
  );

const mapMeasures = <T>(value: (measure: Measure) => T): Record<Measure, T> =>
  Object.fromEntries(measures.map((measure) => [measure, value(measure)])) as Record<Measure, T>;

/** Tokens of one block of a message, for callers that count while a conversation is still going on. */
export function blockTokens(block: Block, counter: Counter, serialisation: Serialisation): number {
  return counter.count(blockText(block, serialisation));
}

/** Tokens of tools, framing and system, which a request begins with. */
export function fixedTokens(request: Omit<ModelRequest, "messages">, counter: Counter, profile: ModelProfile): number {
  const blocks = fixedBlocks(request, framingTokens(request, profile));
  return blocks.reduce((tokens, block) => tokens + fixedBlockTokens(block, counter.count), 0);
}
