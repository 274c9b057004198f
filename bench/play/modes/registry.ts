/** The modes and how scripts play them, one line each. */
import { type Mode, registry, type ScriptedAgent } from "../../../contract/index.ts";

export const modeRegistry = registry<Mode>(
  "mode",
  {
    "direct-tool-call": async () => (await import("./direct-tool-call/mode.ts")).directToolCall,
    "code-execution": async () => (await import("./code-execution/mode.ts")).codeExecution,
    "code-execution-echo": async () => (await import("./code-execution-echo/mode.ts")).codeExecutionEcho,
  },
  ["direct-tool-call", "code-execution"],
);

/** Only models that are scripts load one. The control is played as the mode that it is compared with. */
export const agentRegistry = registry<ScriptedAgent>("scripted agent of mode", {
  "direct-tool-call": async () => (await import("./direct-tool-call/policy.ts")).directAgent,
  "code-execution": async () => (await import("./code-execution/policy.ts")).codeAgent,
  "code-execution-echo": async () => (await import("./code-execution/policy.ts")).codeAgent,
});
