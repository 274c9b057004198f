/** The modes, one line each. */
import { type Mode, registry } from "../types/index.ts";

export const modeRegistry = registry<Mode>(
  "mode",
  {
    "direct-tool-call": async () => (await import("./direct-tool-call.ts")).directToolCall,
    "code-execution": async () => (await import("./code-execution.ts")).codeExecution,
    "code-execution-echo": async () => (await import("./code-execution.ts")).codeExecutionEcho,
  },
  ["direct-tool-call", "code-execution"],
);
