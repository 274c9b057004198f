/**
 * One `execute_code` tool; the servers as a read-only file tree that programs list, read and import (Anthropic, Code
 * execution with MCP, 2025-11-04). Discovery is this mode's own fixed policy, never the scenario's.
 */
import { readFileSync } from "node:fs";
import {
  BenchError,
  type CallReply,
  type Discovery,
  echoMode,
  type GuestBridge,
  type Mode,
  type ModeSession,
  type ModeStart,
  type Outcome,
  type Scenario,
  type ScriptProgram,
  type ScriptResult,
  type Task,
  type ToolOutcome,
  type ToolUseBlock,
  type Turn,
} from "../types/index.ts";
import { type PlannedUse, playScript, turnMaker } from "./agent.ts";
import { fillProgram } from "./program.ts";
import { codeSystem, executeCodeTool } from "./prompt.ts";
import { buildTree, folderName } from "./tree.ts";
import { identifier } from "./typescript.ts";

export const codeExecution: Mode = codeMode({
  id: "code-execution",
  title: "One execute_code tool; servers as a file tree to list, read and import",
  control: false,
  echo: false,
});

/** The control: the same programs, but everything that a tool returns is printed, so the saving on data must vanish. */
export const codeExecutionEcho: Mode = codeMode({
  id: echoMode,
  title: "Control: code execution that prints every tool result in full",
  control: true,
  echo: true,
});

function codeMode({ id, title, control, echo }: { id: string; title: string; control: boolean; echo: boolean }): Mode {
  return {
    id,
    title,
    control,
    source: "Anthropic, Code execution with MCP, 2025-11-04",
    usesSandbox: true,
    start: (options) => startCode(options, echo),
    *agent(scenario, task, discovery) {
      const makeTurn = turnMaker();
      yield* discoveryTurns(scenario, task, discovery, makeTurn);
      yield* playScript(scenario, task, scenario.code(task), (program) => programUse(scenario, program), makeTurn);
    },
  };
}

/**
 * The fixed discovery policy. `minimal`: list the servers, list the folders of the needed ones, read exactly the
 * needed files. `thorough`: list the servers, then read every file of the needed ones.
 */
function* discoveryTurns(
  scenario: Scenario,
  task: Task,
  discovery: Discovery,
  makeTurn: ReturnType<typeof turnMaker>,
): Generator<Turn, void, readonly ScriptResult[]> {
  const needs = scenario.needs(task.params);
  const folders = [...new Set(needs.map((need) => `servers/${folderName(need.server)}`))];
  const files = needs.map((need) => `servers/${folderName(need.server)}/${identifier(need.tool)}.ts`);
  yield makeTurn(undefined, [discover("list-servers", {})]);
  if (discovery === "thorough") {
    yield makeTurn(undefined, [discover("read-folders", { folders })]);
    return;
  }
  yield makeTurn(undefined, [discover("list-folders", { folders })]);
  yield makeTurn(undefined, [discover("read-files", { files })]);
}

function programUse(scenario: Scenario, program: ScriptProgram): PlannedUse {
  const source = programText(new URL(program.file, scenario.programs));
  return execute(fillProgram(source, program.values, program.file), program.file);
}

/** Labelled with what it looks at: `read-files servers/slack/post_message.ts`. */
function discover(name: string, values: { readonly [list: string]: readonly string[] }): PlannedUse {
  const source = programText(new URL(`discovery/${name}.ts`, import.meta.url));
  return execute(fillProgram(source, values, name), [name, ...Object.values(values).flat()].join(" "));
}

function execute(code: string, label: string): PlannedUse {
  return { name: executeCodeTool.name, input: { code }, label };
}

const texts = new Map<string, string>();

/** A program file's text, read once a process: a script is a synchronous generator, and the files do not change under it. */
function programText(url: URL): string {
  let text = texts.get(url.href);
  if (text === undefined) {
    text = readFileSync(url, "utf8");
    texts.set(url.href, text);
  }
  return text;
}

async function startCode(options: ModeStart, echo: boolean): Promise<ModeSession> {
  const { bridge, sandbox, limits, scenario } = options;
  if (sandbox === undefined) throw new TypeError("A code mode needs a sandbox: the planner gives it one.");
  const openStart = options.now();
  const session = await sandbox.open({
    language: "javascript",
    files: buildTree(bridge.tools),
    memoryBytes: limits.memoryBytes,
    signal: options.signal,
  });
  const sandboxOpenMs = options.now() - openStart;
  return {
    system: codeSystem,
    tools: [executeCodeTool],
    sandboxOpenMs,
    async execute(uses, signal) {
      const outcomes: ToolOutcome[] = [];
      for (const use of uses) outcomes.push(await runOne(use, signal));
      return outcomes;
    },
    close: () => session.close(),
  };

  async function runOne(use: ToolUseBlock, signal: AbortSignal): Promise<ToolOutcome> {
    const source = use.input.code;
    if (use.name !== executeCodeTool.name || typeof source !== "string") {
      throw new BenchError("MODEL_SCRIPT", { problem: `it used ${use.name} without a program` });
    }
    const seen: string[] = [];
    const runStart = options.now();
    const outcome = await session.run(
      { file: "program.ts", source },
      {
        bridge: echo ? echoing(bridge, seen) : bridge,
        wallTimeMs: limits.wallTimeMs,
        outputBytes: limits.outputBytes,
        virtualTime: scenario.virtualTime,
        signal,
      },
    );
    const causes = onlyLooked(outcome)
      ? ({ use: "discovery", result: "discovery" } as const)
      : ({ use: "code", result: "codeOutput" } as const);
    return {
      text: [...seen, outcome.text].join("\n"),
      isError: outcome.status !== "returned",
      causes,
      sandboxRunMs: options.now() - runStart,
      modelled: { callWaves: outcome.activity.callWaves, waitSeconds: outcome.activity.virtualWaitMs / 1000 },
      ...(outcome.status === "limit-exceeded" ? { limitExceeded: outcome.limit } : {}),
    };
  }
}

/** Discovery as the host saw it: no tool call, no file written, something read, and all of it below `servers/`. */
function onlyLooked({ activity }: Outcome): boolean {
  return (
    activity.calls === 0 &&
    activity.wrote.length === 0 &&
    activity.read.length > 0 &&
    activity.read.every((path) => path === "servers" || path.startsWith("servers/"))
  );
}

function echoing(bridge: GuestBridge, seen: string[]): GuestBridge {
  return {
    async call(server, tool, input, signal): Promise<CallReply> {
      const reply = await bridge.call(server, tool, input, signal);
      seen.push(reply.text);
      return reply;
    },
  };
}
