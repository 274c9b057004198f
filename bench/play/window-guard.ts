/** `--enforce-window`: ends a conversation at the first request that the model's window cannot hold. */

import { BenchError, type Counter, type ModelProfile, type ModelRequest, type Serialisation } from "../../contract/index.ts";
import { blockTokens, fixedTokens } from "../tokens/ledger/ledger.ts";

/**
 * A check for the start of every turn; messages are counted once, as they come.
 *
 * The check throws `BenchError` CONTEXT_EXCEEDED, counting turns from 0.
 */
export function windowGuard(
  counter: Counter,
  serialisation: Serialisation,
  profile: ModelProfile,
): (request: ModelRequest, turn: number) => void {
  const { contextWindowTokens: windowTokens } = profile;
  let tokens: number | undefined;
  let counted = 0;
  return (request, turn) => {
    tokens ??= fixedTokens(request, counter, profile);
    for (const message of request.messages.slice(counted)) {
      for (const block of message.content) tokens += blockTokens(block, counter, serialisation);
    }
    counted = request.messages.length;
    if (tokens > windowTokens) throw new BenchError("CONTEXT_EXCEEDED", { turn, tokens, windowTokens });
  };
}
