/**
 * A conversation with the tokens of each of its blocks. They are counted once: ledgers under other profiles, restatements
 * and items differ in what they add up, never in what a block has.
 */
import type { Counter, JsonObject, Serialisation, Shown, ToolUseBlock, Transcript } from "../../../contract/index.ts";
import { blockText, isSameInput, shownByTurn, toolText } from "./blocks.ts";

export interface CountedTranscript {
  readonly transcript: Transcript;
  /** The counter's id. */
  readonly counter: string;
  readonly serialisation: Serialisation;
  /** `tokens[m][b]`: of block b of message m. */
  readonly tokens: readonly (readonly number[])[];
  /** What each turn's request began with; the same object where nothing changed. */
  readonly shownAt: readonly CountedShown[];
}

/** What a request shows beside its messages. Framing is not in it: its size is the profile's. */
export interface CountedShown {
  readonly shown: Shown;
  /** Of each definition, in their order. */
  readonly tools: readonly number[];
  /** Of each system block, in their order. */
  readonly system: readonly number[];
}

/** Counts each distinct text once. */
export function countTranscript(transcript: Transcript, counter: Counter, serialisation: Serialisation): CountedTranscript {
  const known = new Map<string, number>();
  const count = (text: string): number => {
    let tokens = known.get(text);
    if (tokens === undefined) {
      tokens = counter.count(text);
      known.set(text, tokens);
    }
    return tokens;
  };
  /** A tool's last use. Who polls says the same again, and to see that is cheaper than to write it as text. */
  const lastUses = new Map<string, { readonly input: JsonObject; readonly tokens: number }>();
  const countUse = (use: ToolUseBlock): number => {
    const last = lastUses.get(use.name);
    if (last !== undefined && isSameInput(last.input, use.input)) return last.tokens;
    const tokens = count(blockText(use, serialisation));
    lastUses.set(use.name, { input: use.input, tokens });
    return tokens;
  };

  const countedShown = new Map<Shown, CountedShown>();
  const shownAt = shownByTurn(transcript).map((shown) => {
    let counted = countedShown.get(shown);
    if (counted === undefined) {
      const tools = shown.tools.map((tool) => count(toolText(tool)));
      counted = { shown, tools, system: shown.system.map(({ text }) => count(text)) };
      countedShown.set(shown, counted);
    }
    return counted;
  });
  const tokens = transcript.messages.map(({ content }) =>
    content.map((block) => (block.type === "tool_use" ? countUse(block) : count(blockText(block, serialisation)))),
  );
  return { transcript, counter: counter.id, serialisation, tokens, shownAt };
}
