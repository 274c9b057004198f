/** One program polls and sleeps; the model sees one line when it is over. */
import type { CodeScript } from "../../bench/types/index.ts";
import { printedJson } from "../results.ts";
import type { SlackPollingParams } from "./params.ts";

export const code: CodeScript<SlackPollingParams> = function* ({ params, facts: { channel = "", awaited = "" } }) {
  const values = { channel, awaited, intervalSeconds: params.intervalSeconds };
  return printedJson(yield { say: "I'll poll the channel with a program.", uses: [{ file: "wait-for-message.ts", values }] });
};

/** Each program looks as often as its time allows and says how far it has read; the next one goes on from there. */
export const codeReturning: CodeScript<SlackPollingParams> = function* ({ params, facts }, { wallTimeMs }) {
  const { channel = "", awaited = "" } = facts;
  const { intervalSeconds } = params;
  let say = "I'll poll the channel with a program that is back before its time is up.";
  for (let seen: string | null = null; ; say = "Not yet; I'll go on.") {
    const values = { channel, awaited, intervalSeconds, limitSeconds: wallTimeMs / 1000, seen };
    const printed = printedJson(yield { say, uses: [{ file: "wait-a-while.ts", values }] });
    if (typeof printed.ts === "string") return printed;
    seen = typeof printed.seen === "string" ? printed.seen : null;
  }
};
