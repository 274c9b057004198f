/**
 * Counts saved conversations again, to check this project's own figures: with a different tokenizer library (tiktoken),
 * and on purpose without any of the code that made them. Run: npm run recount -- results/<run-id> [--counter ID]
 *
 * Rules: a request is tools, the provider's tool-use prompt if there are tools, the system texts and the messages before
 * the turn. Tools and system are those that the conversation began with, until a turn was shown others. A tool definition counts as its JSON, a tool use as
 * the JSON of its name and input, a tool result and other text as they are. Under "raw", string values of a tool use's
 * input stand unescaped. Special-token spellings are ordinary text.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { get_encoding, Tiktoken } from "tiktoken";
import type { Block, CellRecord, Json, SavedContext, SavedTranscript, Serialisation, Transcript } from "../contract/index.ts";

/** The version of the ledger's rules that this file counts by. */
const rules = 2;

type Count = (text: string) => number;
const measures = ["billedInput", "billedOutput", "peakContext"] as const;

function tokenizer(counter: string): Count {
  const known = new Map<string, number>();
  const encode = encoder(counter);
  return (text) => {
    const tokens = known.get(text) ?? encode(text).length;
    known.set(text, tokens);
    return tokens;
  };
}

function encoder(counter: string): (text: string) => Uint32Array {
  if (counter === "o200k_base" || counter === "cl100k_base") {
    const encoding = get_encoding(counter);
    return (text) => encoding.encode_ordinary(text);
  }
  if (counter !== "claude-legacy") throw new Error(`No tokenizer for counter "${counter}". Leave it out with --counter.`);
  const claude = createRequire(import.meta.url)("@anthropic-ai/tokenizer/claude.json");
  const encoding = new Tiktoken(claude.bpe_ranks, claude.special_tokens, claude.pat_str);
  return (text) => encoding.encode_ordinary(text.normalize("NFKC"));
}

function unescaped(value: Json): string {
  if (typeof value === "string") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(unescaped).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${unescaped(field)}`)}}`;
}

function textOf(block: Block, serialisation: Serialisation): string {
  if (block.type === "text") return block.text;
  if (block.type === "tool_result") return block.content;
  const { name, input } = block;
  return serialisation === "json"
    ? JSON.stringify({ name, input })
    : `{"name":${JSON.stringify(name)},"input":${unescaped(input)}}`;
}

/** A cell's conversations: what is billed is added up, and the largest context counts. */
function recount({ episodes }: SavedTranscript, count: Count, serialisation: Serialisation) {
  const all = episodes.flatMap(({ contexts }) => contexts.map((context) => recountContext(context, count, serialisation)));
  const sum = (measure: "billedInput" | "billedOutput") => all.reduce((total, one) => total + one[measure], 0);
  const peakContext = Math.max(0, ...all.map((one) => one.peakContext));
  return { billedInput: sum("billedInput"), billedOutput: sum("billedOutput"), peakContext };
}

/** Every request of the conversation, counted from its first block. */
function recountContext({ transcript, framingTokens }: SavedContext, count: Count, serialisation: Serialisation) {
  const { messages, turns } = transcript;
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  // The provider's own tool-use prompt stands in every request with tools, and is in no counter's tokens.
  const startOf = ({ system, tools }: Pick<Transcript, "system" | "tools">): number => {
    const texts = [...system.map(({ text }) => text), ...tools.map((tool) => JSON.stringify(tool))];
    return (tools.length > 0 ? (framingTokens ?? 0) : 0) + sum(texts.map(count));
  };
  let start = startOf(transcript);
  const perMessage = messages.map(({ content }) => sum(content.map((block) => count(textOf(block, serialisation)))));
  const inputs = turns.map(({ messagesSeen, shown }) => {
    if (shown !== undefined) start = startOf(shown);
    return start + sum(perMessage.slice(0, messagesSeen));
  });
  const outputs = turns.map(({ messagesSeen }) => perMessage[messagesSeen] ?? 0);
  const contexts = inputs.map((input, turn) => input + (outputs[turn] ?? 0));
  return { billedInput: sum(inputs), billedOutput: sum(outputs), peakContext: Math.max(0, ...contexts) };
}

/** One row for each saved conversation, ledger and measure. */
export function recountFolder(folder: string, counter?: string) {
  const records = readFileSync(join(folder, "records.jsonl"), "utf8").trim().split("\n");
  const byKey = new Map(
    records.map((line): CellRecord => JSON.parse(line)).map((record) => [JSON.stringify(record.key), record]),
  );
  const transcripts = join(folder, "transcripts");
  if (!existsSync(transcripts)) throw new Error(`It holds no saved conversations: there is no folder ${transcripts}.`);
  const counts = new Map<string, Count>();
  return readdirSync(transcripts)
    .sort()
    .flatMap((file) => {
      const saved: SavedTranscript = JSON.parse(readFileSync(join(transcripts, file), "utf8"));
      const record = byKey.get(JSON.stringify(saved.key));
      if (!record || !("ledgers" in record)) throw new Error(`transcripts/${file} has no record with figures in records.jsonl.`);
      const other = record.ledgers.find(({ version }) => version !== rules)?.version;
      if (other !== undefined) {
        throw new Error(
          `records.jsonl has figures of ledger rules ${other}, and this counts by rules ${rules}. Play the run again.`,
        );
      }
      const ledgers = record.ledgers.filter((ledger) => counter === undefined || ledger.counter === counter);
      return ledgers.flatMap((ledger) => {
        const count = counts.get(ledger.counter) ?? tokenizer(ledger.counter);
        counts.set(ledger.counter, count);
        const again = recount(saved, count, ledger.serialisation);
        return measures.map((measure) => ({
          cell: file.replace(".json", ""),
          counter: `${ledger.counter} ${ledger.serialisation}`,
          measure,
          recorded: ledger.totals[measure],
          recounted: again[measure],
          difference: again[measure] - ledger.totals[measure],
        }));
      });
    });
}

/** Sums over the conversations, so that a reader sees that something was counted. */
function totals(rows: ReturnType<typeof recountFolder>) {
  const groups = Map.groupBy(rows, ({ counter, measure }) => `${counter}, ${measure}`);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return Object.fromEntries(
    [...groups].map(([name, group]) => [
      name,
      { recorded: sum(group.map((row) => row.recorded)), recounted: sum(group.map((row) => row.recounted)) },
    ]),
  );
}

if (import.meta.main) {
  try {
    const { values, positionals } = parseArgs({ options: { counter: { type: "string" } }, allowPositionals: true });
    const [folder] = positionals;
    if (folder === undefined) throw new Error("Which results folder?");
    const rows = recountFolder(folder, values.counter);
    if (rows.length === 0) throw new Error("Nothing to count: no saved conversation has figures of that counter.");
    const different = rows.filter(({ difference }) => difference !== 0);
    if (different.length > 0) console.table(different);
    console.table(totals(rows));
    const say =
      different.length === 0 ? `All ${rows.length} figures agree` : `${different.length} of ${rows.length} figures differ`;
    console.log(`${say}, over ${new Set(rows.map(({ cell }) => cell)).size} conversations.`);
    process.exitCode = different.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : error}\nUsage: npm run recount -- results/<run-id> [--counter ID], after a run with --save-transcripts.`,
    );
    process.exitCode = 2;
  }
}
