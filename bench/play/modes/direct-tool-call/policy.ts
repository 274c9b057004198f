/** The scripted agent of the direct mode: the scenario's calls as they are. It has nothing to find out first. */
import type { ScriptCall, ScriptedAgent } from "../../../../contract/index.ts";
import { playScript, translated, turnMaker } from "../script.ts";

export const directAgent: ScriptedAgent = (scenario, task) =>
  playScript(scenario, task, translated(scenario.direct(task), toUse), turnMaker());

const toUse = ({ server, tool, input }: ScriptCall) => ({ name: `${server}__${tool}`, input });
