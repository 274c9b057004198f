/** One program polls and sleeps; the model sees one line when it is over. */
import type { JsonObject, Script, ScriptProgram } from "../../bench/types/index.ts";
import { resultText } from "../results.ts";
import type { SlackPollingParams } from "./scenario.ts";

export const code: Script<ScriptProgram, SlackPollingParams> = function* ({ params, facts: { channel = "", awaited = "" } }) {
  const values = { channel, awaited, intervalSeconds: params.intervalSeconds };
  const printed = resultText(
    yield { say: "I'll poll the channel with a program.", uses: [{ file: "wait-for-message.ts", values }] },
  );
  return JSON.parse(printed) as JsonObject;
};
