/**
 * Where a conversation's tokens went by tool or named block, one step finer than its causes: which definition, whose
 * results, which program. The gate needs it to say what grew. Pure.
 */

import type {
  Block,
  Cause,
  Counter,
  ModelProfile,
  ModelTool,
  Serialisation,
  TokenItem,
  Transcript,
} from "../../../contract/index.ts";
import { causeOf, shownByTurn } from "./blocks.ts";
import { type CountedShown, type CountedTranscript, countTranscript } from "./counted.ts";
import { framingOf } from "./ledger.ts";

/** With more tools than this, those of a server that the conversation never calls are one item, so that a record stays small. */
const maxSingleDefinitions = 50;

/** In order of first appearance. For each cause and measure they add up to what the ledger's table says. */
export function tokenItems(
  transcript: Transcript,
  counter: Counter,
  serialisation: Serialisation,
  profile: ModelProfile,
): readonly TokenItem[] {
  return itemsOf(countTranscript(transcript, counter, serialisation), profile);
}

/** The same of a transcript that is counted already. */
export function itemsOf({ transcript, tokens, shownAt }: CountedTranscript, profile: ModelProfile): readonly TokenItem[] {
  const { messages, turns } = transcript;
  const nameOf = blockNames(transcript);
  const definitionName = definitionNames(transcript);
  const items = new Map<string, Writable<TokenItem>>();

  const counted = messages.map(({ content }, m) =>
    content.map((block, b) => ({
      cause: causeOf(transcript, m, b),
      name: nameOf(block),
      tokens: tokens[m]?.[b] ?? 0,
    })),
  );
  const shown = new Map([...new Set(shownAt)].map((one) => [one, fixedOf(one)]));
  const { turn: peakTurn, end: peakEnd } = peakMessage(
    counted.map(tokensOf),
    turns,
    shownAt.map((one) => tokensOf(shown.get(one) ?? [])),
  );
  for (const [one, blocks] of shown) {
    const sent = shownAt.filter((at) => at === one).length;
    for (const block of blocks) add(block, shownAt[peakTurn] === one ? 1 : 0, sent, 0);
  }
  const turnsAt = new Map<number, number>();
  for (const { messagesSeen } of turns) turnsAt.set(messagesSeen, (turnsAt.get(messagesSeen) ?? 0) + 1);
  // Each turn sees all that the one before saw, so a message is sent in every turn that is left after it.
  let sent = turns.length;
  for (const [m, blocks] of counted.entries()) {
    const written = turnsAt.get(m) ?? 0;
    sent -= written;
    for (const block of blocks) add(block, m < peakEnd ? 1 : 0, sent, written);
  }
  return [...items.values()];

  function fixedOf(one: CountedShown) {
    const { tools, system } = one.shown;
    const tokensAt = (list: readonly number[], at: number) => list[at] ?? 0;
    return [
      ...tools.map((tool, at) => ({
        cause: "toolDefinitions" as const,
        name: definitionName(tool),
        tokens: tokensAt(one.tools, at),
      })),
      { cause: "framing" as const, name: "", tokens: framingOf(one, transcript, profile) },
      ...system.map((block, at) => ({
        cause: block.cause,
        name: block.cause === "instructions" ? block.server : "",
        tokens: tokensAt(one.system, at),
      })),
    ];
  }

  function add(
    { cause, name, tokens }: { cause: Cause; name: string; tokens: number },
    atPeak: number,
    sent: number,
    written: number,
  ) {
    if (tokens === 0 || atPeak + sent + written === 0) return;
    const key = `${cause} ${name}`;
    const item = items.get(key) ?? { cause, name, peakContext: 0, billedInput: 0, billedOutput: 0 };
    items.set(key, item);
    item.peakContext += tokens * atPeak;
    item.billedInput += tokens * sent;
    item.billedOutput += tokens * written;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const tokensOf = (blocks: readonly { readonly tokens: number }[]): number => blocks.reduce((sum, { tokens }) => sum + tokens, 0);

/** The turn of the largest context, the first on a tie, and how many messages it holds. `shownTokens` is what each turn begins with. */
function peakMessage(messageTokens: readonly number[], turns: Transcript["turns"], shownTokens: readonly number[]) {
  const upTo = [0];
  for (const tokens of messageTokens) upTo.push((upTo.at(-1) ?? 0) + tokens);
  let peak = { turn: -1, end: 0, tokens: -1 };
  for (const [turn, { messagesSeen }] of turns.entries()) {
    const tokens = (shownTokens[turn] ?? 0) + (upTo[messagesSeen + 1] ?? 0);
    if (tokens > peak.tokens) peak = { turn, end: messagesSeen + 1, tokens };
  }
  return peak;
}

/** A tool use and its result are named by the script's label, else by the tool; text has only its cause. */
function blockNames({ messages, labels = {} }: Transcript): (block: Block) => string {
  const names = new Map<string, string>(Object.entries(labels));
  for (const { content } of messages) {
    for (const block of content) if (block.type === "tool_use" && !names.has(block.id)) names.set(block.id, block.name);
  }
  return (block) => (block.type === "text" ? "" : (names.get(block.type === "tool_use" ? block.id : block.tool_use_id) ?? ""));
}

function definitionNames(transcript: Transcript): (tool: ModelTool) => string {
  const { messages } = transcript;
  const tools = new Set([transcript, ...shownByTurn(transcript)].flatMap(({ tools }) => tools.map(({ name }) => name)));
  if (tools.size <= maxSingleDefinitions) return ({ name }) => name;
  const called = new Set<string>();
  for (const { content } of messages)
    for (const block of content) if (block.type === "tool_use") called.add(serverOf(block.name));
  return ({ name }) => (called.has(serverOf(name)) ? name : `${serverOf(name)}__*`);
}

const serverOf = (name: string): string => name.split("__", 1)[0] ?? name;
