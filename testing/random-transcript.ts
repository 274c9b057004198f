/** Transcripts for property tests: every block type and cause, parallel tool uses, waits, odd strings. Same seed, same bytes. */

import type {
  Block,
  Cause,
  Json,
  Message,
  ModelTool,
  Shown,
  SystemBlock,
  ToolChoice,
  Transcript,
  TranscriptTurn,
} from "../contract/index.ts";
import { type Random, random } from "../fixtures/random.ts";

const words = 'a b c "quoted" line\nbreak back\\slash é 😀 {"json":1} tab\t long-word-with-hyphens 12345 \u0001'.split(" ");
const useCauses: readonly Cause[] = ["toolCalls", "discovery", "code"];
const resultCause: { readonly [use: string]: Cause } = { toolCalls: "toolResults", discovery: "discovery", code: "codeOutput" };

export function randomTranscript(seed: number): Transcript {
  const draws = random(seed, "transcript");
  const messages: Message[] = [{ role: "user", content: [{ type: "text", text: text(draws) }] }];
  const causes: Cause[][] = [["prompt"]];
  const turns: TranscriptTurn[] = [];
  const turnCount = draws.integer(1, 12);
  for (let turn = 0; turn < turnCount; turn++) {
    turns.push({ messagesSeen: messages.length, gapSeconds: draws.pick([0, 1, 299.5, 300, 300.5, 4000]) });
    if (turn === turnCount - 1) {
      messages.push({ role: "assistant", content: [{ type: "text", text: text(draws) }] });
      causes.push(["answer"]);
      break;
    }
    const uses = Array.from({ length: draws.pick([1, 1, 2, 9, 11]) }, () => draws.pick(useCauses));
    const ids = uses.map((_, use) => `use_${turn}_${use}`);
    const said: Block[] = draws.chance(50) ? [{ type: "text", text: text(draws) }] : [];
    const called = ids.map(
      (id): Block => ({ type: "tool_use", id, name: "s__t", input: { a: json(draws, 2), "k\n": json(draws, 1) } }),
    );
    messages.push({ role: "assistant", content: [...said, ...called] });
    causes.push([...said.map((): Cause => draws.pick(["narration", "thinking"])), ...uses]);
    messages.push({
      role: "user",
      content: ids.map((id): Block => ({ type: "tool_result", tool_use_id: id, content: text(draws) })),
    });
    causes.push(uses.map((use) => resultCause[use] ?? "handoff"));
  }
  const start = shown(draws);
  const toolChoice = draws.pick<ToolChoice>(["auto", "any"]);
  // In a quarter of the conversations, what is shown changes at some turns.
  const changes = draws.chance(25) ? 40 : 0;
  const changing = turns.map((turn, k) => (k > 0 && draws.chance(changes) ? { ...turn, shown: shown(draws) } : turn));
  return { ...start, toolChoice, messages, causes, turns: changing };
}

function shown(draws: Random): Shown {
  const tools = Array.from({ length: draws.integer(0, 4) }, (_, i): ModelTool => {
    return {
      name: `s__tool_${i}`,
      description: text(draws),
      input_schema: { type: "object", properties: { x: json(draws, 1) } },
    };
  });
  const system: SystemBlock[] = [
    ...(draws.chance(20) ? [] : [{ cause: "system" as const, text: `You ${text(draws)}` }]),
    ...Array.from({ length: draws.integer(0, 2) }, (_, i) => ({
      ...{ cause: "instructions" as const, server: `server-${i}`, text: `I ${text(draws)}` },
    })),
  ];
  return { system, tools };
}

const text = (draws: Random): string => Array.from({ length: draws.integer(0, 30) }, () => draws.pick(words)).join(" ");

function json(draws: Random, depth: number): Json {
  const kind = draws.integer(0, depth > 0 ? 5 : 3);
  if (kind === 0) return draws.integer(-1000, 1000);
  if (kind === 1) return draws.pick([true, false, null]);
  if (kind <= 3) return text(draws);
  const parts = Array.from({ length: draws.integer(0, 3) }, () => json(draws, depth - 1));
  return kind === 4 ? parts : Object.fromEntries(parts.map((part, i) => [draws.pick(["plain", 'odd"key', "Ünï"]) + i, part]));
}
