/**
 * The counters by id. Listing them loads no vocabulary: each holds some hundred thousand tokens, and most commands need
 * one or none.
 */
import { BenchError, type Counter, type Registry } from "../../../contract/index.ts";

/** In the order in which they are listed; the first is the default. */
export const counterEntries: readonly { readonly id: string; readonly title: string; load(): Promise<Counter> }[] = [
  {
    id: "o200k_base",
    title: "OpenAI o200k_base (GPT-4o and later)",
    load: async () => (await import("./o200k_base.ts")).o200kBase(),
  },
  {
    id: "cl100k_base",
    title: "OpenAI cl100k_base (GPT-4 and GPT-3.5)",
    load: async () => (await import("./cl100k_base.ts")).cl100kBase(),
  },
  {
    id: "claude-legacy",
    title: "Anthropic's public tokenizer (models before Claude 3)",
    load: async () => (await import("./claude-legacy.ts")).claudeLegacy(),
  },
];

const ids = counterEntries.map(({ id }) => id);
const loaded = new Map<string, Promise<Counter>>();

/** The counter of that id; its vocabulary is read once a process. Rejects with UNKNOWN_ID. */
export async function loadCounter(id: string): Promise<Counter> {
  const entry = counterEntries.find((candidate) => candidate.id === id);
  if (!entry) throw new BenchError("UNKNOWN_ID", { kind: "counter", id, nearest: undefined, known: ids.join(", ") });
  const counter = loaded.get(id) ?? entry.load();
  loaded.set(id, counter);
  return counter;
}

export const counterRegistry: Registry<Counter> = { ids, defaults: ids, load: loadCounter };
