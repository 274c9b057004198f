/**
 * Walks a finished conversation and says of everything that its tool uses rely on where the model could have learned it.
 *
 * A tool use that failed is an attempt, and is not judged: what it guessed in vain was no knowledge, and what its error
 * says is shown from then on. So a wrong first program may hold any name, and the one that mends it only what was shown.
 */
import type { Transcript } from "../../contract/index.ts";
import { type ConversationUse, conversationOf } from "./conversation.ts";
import { inputUses } from "./input-uses.ts";
import { programUses } from "./program-uses.ts";
import { shownAtStart } from "./shown.ts";
import type { JudgedUse, Use } from "./use.ts";

export function judge(transcript: Transcript): readonly JudgedUse[] {
  const conversation = conversationOf(transcript);
  const shown = shownAtStart(conversation);
  const ownKeys = new Set<string>();
  const judged: JudgedUse[] = [];
  for (const turn of conversation.turns) {
    for (const use of turn) judged.push(...judgeOne(use));
    for (const { result } of turn) shown.addResult(result);
  }
  return judged;

  function judgeOne({ label, name, input, result }: ConversationUse): readonly JudgedUse[] {
    if (result.isError) return [];
    const uses = [...inputUses(name, typeof input.code === "string" ? { ...input, code: "" } : input)];
    if (typeof input.code === "string") uses.push(...ofProgram(input.code));
    return uses.map((use) => {
      const source = shown.sourceOf(use);
      return { ...use, label, ...(source === undefined ? {} : { source }) };
    });
  }

  function ofProgram(code: string): readonly Use[] {
    const program = programUses(code, ownKeys);
    shown.addOwnFiles(program.ownFiles);
    for (const key of program.ownKeys) ownKeys.add(key);
    return program.uses;
  }
}

export function violations(transcript: Transcript): readonly JudgedUse[] {
  return judge(transcript).filter(({ source }) => source === undefined);
}
