/**
 * The public API: what scenarios, servers, sandboxes, counters, reporters and modes outside this project are written
 * with, and what plays cells from another program. Only re-exports: each docstring stands where the thing is defined. docs/extending.md shows each in use.
 */

/** The zod that parameters and tools are checked with. Schemas of another copy may not be understood. */
export { z } from "zod";
// For a sandbox, `describeConformance` is an entry of its own, mcp-code-bench/conformance: it needs vitest.
export * from "../contract/index.ts";
/** For scenarios: the maker, exact checks on an end state, reading results as a model does, and seeded draws. */
export { type Random, random } from "../fixtures/random.ts";
export { type ControlGroup, type ControlGroups, controlGroups, type GroupLimits } from "../machine/control-group.ts";
export { endOrphans } from "../machine/orphans.ts";
export { type OwnerState, ownerIsGone, ownerOf, ownerPid, ownerState } from "../machine/owner.ts";
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
export { type Summary, summarise } from "../reports/figures/summarise.ts";
/**
 * For sandboxes whose guest is a process: the package's runner, which runs programs inside one, and the host's end of it.
 * Any other kind implements `Sandbox` by itself.
 */
export type { RunnerBox, RunnerConnection, RunnerEnd } from "../sandboxes/host/runner/box.ts";
export { type RunnerBundle, runnerBundle } from "../sandboxes/host/runner/bundle.ts";
export { groupedBox } from "../sandboxes/host/runner/grouped-box.ts";
export { nodeArguments, runnerEnvironment } from "../sandboxes/host/runner/node-arguments.ts";
export { type ProcessBoxOptions, processBox } from "../sandboxes/host/runner/process-box.ts";
export { allFiles, type WorkspaceFiles } from "../sandboxes/host/runner/session.ts";
export { type RunnerSessions, runnerSessions } from "../sandboxes/host/runner/sessions.ts";
export { type SessionFolder, sessionFolder } from "../sandboxes/host/session/session-folder.ts";
export { answerIs, stateIs, untouched } from "../scenarios/checks.ts";
export { defineScenario } from "../scenarios/define.ts";
export { printedJson, resultJson, resultsJson, resultText } from "../scenarios/results.ts";
export { type Config, defineConfig, type OwnMode } from "./config/config.ts";
/** For programs that play cells themselves: prepare, play, store. */
export type { HostOptions } from "./host.ts";
export { createHost, openStore, play, prepare, prepareJobs } from "./playing.ts";
export { readRun } from "./records/read-records.ts";
export { jobId, readJob } from "./run/jobs.ts";
export type { PlayedJob } from "./run/play-jobs.ts";
export type { Player } from "./run/player.ts";
export type { Prepared } from "./run/prepare.ts";
export { runConfig } from "./run/settings.ts";
export type { Store } from "./run/store.ts";
