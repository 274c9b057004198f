/**
 * The public API: what scenarios, servers, sandboxes, counters, reporters and modes outside this project are written
 * with. Only re-exports: each docstring stands where the thing is defined. docs/extending.md shows each in use.
 */

/** The zod that parameters and tools are checked with. Schemas of another copy may not be understood. */
export { z } from "zod";
/** For scenarios: the maker, exact checks on an end state, reading results as a model does, and seeded draws. */
export { type Random, random } from "../fixtures/random.ts";
/** For servers: tools as zod schemas over a plain state. A scenario's world gives them out. */
export {
  defineMockServer,
  inMemoryServer,
  type MockServer,
  type MockTool,
  ToolFailure,
  type ToolSpec,
  toolsOver,
} from "../mock-mcp-servers/lib/mock-server.ts";
/** For reporters: pairs and reductions from records, and untrusted text made harmless in each format. */
export { markdownCode, markdownText, svgText, terminalText } from "../reports/escape.ts";
/**
 * For sandboxes whose guest is a process: the package's agent, which runs programs inside one, and the host's end of it.
 * Any other kind implements `Sandbox` by itself.
 */
export { type AgentSessions, agentSessions } from "../sandboxes/agent/backend.ts";
export type { AgentBox, AgentConnection, AgentEnd } from "../sandboxes/agent/box.ts";
export { type AgentBundle, agentBundle } from "../sandboxes/agent/bundle.ts";
export { groupedBox } from "../sandboxes/agent/grouped-box.ts";
export { agentEnvironment, nodeArguments } from "../sandboxes/agent/node-arguments.ts";
export { type ProcessBoxOptions, processBox } from "../sandboxes/agent/process-box.ts";
export { allFiles, type WorkspaceFiles } from "../sandboxes/agent/session.ts";
export { type ControlGroup, type ControlGroups, controlGroups, type GroupLimits } from "../sandboxes/cgroup.ts";
export { endOrphans } from "../sandboxes/orphans.ts";
export { type SessionFolder, sessionFolder } from "../sandboxes/session/session-folder.ts";
export { answerIs, stateIs, untouched } from "../scenarios/checks.ts";
export { defineScenario } from "../scenarios/define.ts";
export { printedJson, resultJson, resultsJson, resultText } from "../scenarios/results.ts";
export { type Config, defineConfig } from "./config.ts";
export { type Summary, summarise } from "./summarise.ts";
// For a sandbox, `describeConformance` is an entry of its own, mcp-code-bench/conformance: it needs vitest.
export * from "./types/index.ts";
