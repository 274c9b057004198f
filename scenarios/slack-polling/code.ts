/** One program polls and sleeps; the model sees one line when it is over. */
import type { Script, ScriptProgram } from "../../bench/types/index.ts";
import { printedJson } from "../results.ts";
import type { SlackPollingParams } from "./params.ts";

export const code: Script<ScriptProgram, SlackPollingParams> = function* ({ params, facts: { channel = "", awaited = "" } }) {
  const values = { channel, awaited, intervalSeconds: params.intervalSeconds };
  return printedJson(yield { say: "I'll poll the channel with a program.", uses: [{ file: "wait-for-message.ts", values }] });
};
