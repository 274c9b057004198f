/** Every check is a turn, and so is every wait between two checks: the model has no other way to let time pass. */
import type { Script, ScriptCall } from "../../contract/index.ts";
import { resultJson } from "../results.ts";
import type { SlackPollingParams } from "./params.ts";

interface History {
  /** Newest first. */
  readonly messages: readonly { readonly ts: string; readonly user: string; readonly text: string }[];
}

export const direct: Script<ScriptCall, SlackPollingParams> = function* ({ params, facts: { channel = "", awaited = "" } }) {
  let oldest: string | undefined;
  for (;;) {
    const input = { channel, limit: 10, ...(oldest === undefined ? {} : { oldest }) };
    const history = resultJson(yield { uses: [{ server: "slack", tool: "get_channel_history", input }] }) as unknown as History;
    const found = history.messages.find((message) => message.text.includes(String(awaited)));
    if (found !== undefined) return { ts: found.ts, user: found.user };
    oldest = history.messages[0]?.ts ?? oldest;
    resultJson(yield { uses: [{ server: "clock", tool: "sleep", input: { seconds: params.intervalSeconds } }] });
  }
};
