/** The modes, one line each. */
import { type Mode, registry } from "../../../contract/index.ts";

export const modeRegistry = registry<Mode>(
  "mode",
  {
    "direct-tool-call": async () => (await import("./direct-tool-call/mode.ts")).directToolCall,
    "code-execution": async () => (await import("./code-execution/mode.ts")).codeExecution,
    "code-execution-echo": async () => (await import("./code-execution/mode.ts")).codeExecutionEcho,
  },
  ["direct-tool-call", "code-execution"],
);
