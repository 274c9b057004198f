/** `--enforce-window`: ends a conversation at the first request that the model's window cannot hold. */

import {
  BenchError,
  type Counter,
  type ModelProfile,
  type ModelRequest,
  type Serialisation,
  type Shown,
} from "../../contract/index.ts";
import { blockTokens, fixedTokens } from "../tokens/ledger/ledger.ts";

/**
 * A check for the start of every turn; messages are counted once, as they come, and the rest again where it has changed.
 *
 * The check throws `BenchError` CONTEXT_EXCEEDED, counting turns from 0.
 */
export function windowGuard(
  counter: Counter,
  serialisation: Serialisation,
  profile: ModelProfile,
): (request: ModelRequest, turn: number) => void {
  const { contextWindowTokens: windowTokens } = profile;
  let shown: Shown | undefined;
  let shownTokens = 0;
  let messageTokens = 0;
  let counted = 0;
  return (request, turn) => {
    if (request.tools !== shown?.tools || request.system !== shown.system) shownTokens = fixedTokens(request, counter, profile);
    shown = request;
    for (const message of request.messages.slice(counted)) {
      for (const block of message.content) messageTokens += blockTokens(block, counter, serialisation);
    }
    counted = request.messages.length;
    const tokens = shownTokens + messageTokens;
    if (tokens > windowTokens) throw new BenchError("CONTEXT_EXCEEDED", { turn, tokens, windowTokens });
  };
}
