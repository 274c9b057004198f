/**
 * One `execute_code` tool; the servers as a read-only file tree that programs list, read and import (Anthropic, Code
 * execution with MCP, 2025-11-04).
 */
import {
  BenchError,
  type CallReply,
  type GuestBridge,
  type Mode,
  type ModeSession,
  type ModeStart,
  type Outcome,
  policies,
  type ToolOutcome,
  type ToolUseBlock,
} from "../../../../contract/index.ts";
import { buildTree } from "../../tree/tree.ts";
import { executeCodeTool, systemBlocks, wallTimeText } from "./prompt.ts";

const language = "javascript";

export const codeExecution: Mode = codeMode({
  id: "code-execution",
  title: "One execute_code tool; servers as a file tree to list, read and import",
  control: false,
  echo: false,
});

/** `echo`: every tool result is printed, whatever the program does with it. */
export function codeMode({
  id,
  title,
  control,
  echo,
}: Pick<Mode, "id" | "title" | "control"> & { readonly echo: boolean }): Mode {
  return {
    id,
    title,
    control,
    source: "Anthropic, Code execution with MCP, 2025-11-04",
    sandbox: { languages: [language] },
    policies,
    showsOutputSchemas: true,
    treatment: "program",
    start: (options) => startCode(options, echo),
  };
}

async function startCode(options: ModeStart, echo: boolean): Promise<ModeSession> {
  const { bridge, sandbox, limits, scenario, policy } = options;
  if (sandbox === undefined) throw new TypeError("A code mode needs a sandbox: the planner gives it one.");
  const asFiles = policy === "readme";
  const limit = policy === "return-and-ask" ? wallTimeText(limits.wallTimeMs) : "";
  const openStart = options.now();
  const session = await sandbox.open({
    language,
    files: buildTree(bridge.tools, language, asFiles ? bridge.instructions : []),
    memoryBytes: limits.memoryBytes,
    signal: options.signal,
  });
  const sandboxOpenMs = options.now() - openStart;
  return {
    system: systemBlocks("code", asFiles ? [] : bridge.instructions, limit),
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
    const limit = limitOf(outcome);
    return {
      text: [...seen, outcome.text].join("\n"),
      isError: outcome.status !== "returned",
      causes,
      sandboxRunMs: options.now() - runStart,
      modelled: { callWaves: outcome.activity.callWaves, waitSeconds: outcome.activity.virtualWaitMs / 1000 },
      ...(limit === undefined ? {} : { limitExceeded: limit }),
    };
  }

  /** Virtual waits pass no wall time; an agent that promised to be back before the limit is held to them all the same. */
  function limitOf(outcome: Outcome): string | undefined {
    if (outcome.status === "limit-exceeded") return outcome.limit;
    return policy === "return-and-ask" && outcome.activity.virtualWaitMs > limits.wallTimeMs ? "wallTime" : undefined;
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
