/** Which fields of results the later inputs of a conversation rest on. */
import type { Transcript } from "../../contract/index.ts";
import { conversationOf } from "./conversation.ts";
import { leavesOf, valuesIn } from "./json.ts";
import { judge } from "./judge.ts";

/** One list of keys for each leaf of an input that a result gave: the keys that held it there. */
export function fieldsBehindInputs(transcript: Transcript): readonly (readonly string[])[] {
  const texts = conversationOf(transcript).turns.flatMap((turn) => turn.map(({ result }) => result.text));
  const keysByLeaf = new Map<string, Set<string>>();
  for (const { key, leaf } of texts.flatMap(valuesIn).flatMap((value) => [...leavesOf(value)])) {
    const keys = keysByLeaf.get(String(leaf)) ?? new Set();
    if (key !== "") keysByLeaf.set(String(leaf), keys.add(key));
  }
  return judge(transcript).flatMap(({ kind, name, source }) => {
    const keys = source === "result" && (kind === "inputText" || kind === "number") ? keysByLeaf.get(name) : undefined;
    return keys === undefined ? [] : [[...keys]];
  });
}
