/** One program polls and sleeps; the model sees one line when it is over. */
import type { CodeScript } from "../../contract/index.ts";
import { printedJson } from "../results.ts";
import type { SlackPollingParams } from "./params.ts";

export const code: CodeScript<SlackPollingParams> = function* ({ params, facts: { channel = "", awaited = "" } }) {
  const values = { channel, awaited, intervalSeconds: params.intervalSeconds };
  return printedJson(yield { say: "I'll poll the channel with a program.", uses: [{ file: "wait-for-message.ts", values }] });
};

/**
 * Each program looks as often as its time allows. It prints how far it has read and what is left of its pause, and the
 * next program starts from there: a pause may be longer than a program may run.
 */
export const codeReturning: CodeScript<SlackPollingParams> = function* ({ params, facts }, { wallTimeMs }) {
  const { channel = "", awaited = "" } = facts;
  const { intervalSeconds } = params;
  let say = "I'll poll the channel with a program that is back before its time is up.";
  let seen: string | null = null;
  let pauseSeconds = 0;
  for (;;) {
    const values = { channel, awaited, intervalSeconds, limitSeconds: wallTimeMs / 1000, seen, pauseSeconds };
    const printed = printedJson(yield { say, uses: [{ file: "wait-a-while.ts", values }] });
    if (typeof printed.ts === "string") return printed;
    seen = typeof printed.seen === "string" ? printed.seen : null;
    pauseSeconds = Number(printed.pauseSeconds);
    say = "Not yet; I'll go on.";
  }
};
