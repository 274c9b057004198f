/**
 * One `execute_code` tool; the servers as a read-only file tree that programs list, read and import (Anthropic, Code
 * execution with MCP, 2025-11-04).
 */
import {
  type Activity,
  BenchError,
  type CallReply,
  type GuestBridge,
  isBenchError,
  type Mode,
  type ModeSession,
  type ModeStart,
  type Outcome,
  policies,
  type Session,
  type Shown,
  type ToolOutcome,
  type ToolUseBlock,
} from "../../../../contract/index.ts";
import { buildTree } from "../../tree/tree.ts";
import { executeCodeTool, systemBlocks, wallTimeText } from "./prompt.ts";

const languages = ["javascript"] as const;

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
    short: "code",
    control,
    source: "Anthropic, Code execution with MCP, 2025-11-04",
    sandbox: { languages },
    policies,
    showsOutputSchemas: true,
    treatment: "program",
    start: (options) => startCode(options, echo),
  };
}

async function startCode(options: ModeStart, echo: boolean): Promise<ModeSession> {
  const { bridge, sandbox, limits, scenario, policy, language } = options;
  if (sandbox === undefined || language === null) throw new TypeError("A code mode needs a sandbox: the planner gives it one.");
  const asFiles = policy === "readme";
  const limit = policy === "return-and-ask" ? wallTimeText(limits.wallTimeMs) : "";
  const files = buildTree(bridge.tools, language, asFiles ? bridge.instructions : []);
  const open = () => sandbox.open({ language, files, memoryBytes: limits.memoryBytes, signal: options.signal });
  const openStart = options.now();
  let session: Session | undefined = await open();
  const sandboxOpenMs = options.now() - openStart;
  const shown: Shown = {
    system: systemBlocks("code", asFiles ? [] : bridge.instructions, limit),
    tools: [executeCodeTool],
  };
  return {
    show: () => shown,
    sandboxOpenMs,
    async execute(uses, signal, purposes) {
      const outcomes: ToolOutcome[] = [];
      for (const use of uses) outcomes.push(await runOne(use, signal, purposes?.[use.id]));
      return outcomes;
    },
    close: async () => session?.close(),
  };

  async function runOne(use: ToolUseBlock, signal: AbortSignal, purpose?: ToolOutcome["kind"]): Promise<ToolOutcome> {
    const source = use.input.code;
    if (use.name !== executeCodeTool.name || typeof source !== "string") {
      throw new BenchError("MODEL_SCRIPT", { problem: `it used ${use.name} without a program` });
    }
    const replies: string[] = [];
    const runStart = options.now();
    session ??= await open();
    const outcome = await session
      .run(
        { file: "program.ts", source },
        {
          bridge: recording(bridge, replies),
          wallTimeMs: limits.wallTimeMs,
          outputBytes: limits.outputBytes,
          virtualTime: scenario.virtualTime,
          signal,
        },
      )
      .catch(deathOf);
    const fault = outcome.status === "died" ? outcome.error : limitOf(outcome);
    if (fault !== undefined) {
      await session.close();
      session = undefined;
    }
    const { activity } = outcome;
    const printed = [...(echo ? replies : []), outcome.text];
    const looked = purpose === undefined ? onlyLooked(activity) : purpose === "discovery";
    return {
      text: (fault === undefined ? printed : [...printed.filter((text) => text !== ""), endText(fault, limits)]).join("\n"),
      isError: fault !== undefined || outcome.status !== "returned",
      kind: looked ? "discovery" : "program",
      causes: looked ? { use: "discovery", result: "discovery" } : { use: "code", result: "codeOutput" },
      definitionsFetched: activity.read.filter((path) => files.has(path) && !path.endsWith("/README.md")).length,
      callsFromPrograms: replies.length,
      sandboxRunMs: options.now() - runStart,
      modelled: { callWaves: activity.callWaves, waitSeconds: activity.virtualWaitMs / 1000 },
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** Virtual waits pass no wall time; an agent that promised to be back before the limit is held to them all the same. */
  function limitOf(outcome: Outcome): BenchError<"LIMIT"> | undefined {
    const late = policy === "return-and-ask" && outcome.activity.virtualWaitMs > limits.wallTimeMs;
    if (outcome.status !== "limit-exceeded" && !late) return undefined;
    const limit = outcome.status === "limit-exceeded" ? outcome.limit : "wallTime";
    return new BenchError("LIMIT", {
      limit,
      problem: "the sandbox stopped a program",
      fix: `Raise it with ${limitFlags.get(limit) ?? [...limitFlags.values()].join(" or ")}, or mend the program.`,
    });
  }
}

/** The flag that raises a limit of the sandbox, by the limit's name. */
const limitFlags: ReadonlyMap<string, string> = new Map([
  ["wallTime", "--wall-time"],
  ["memory", "--memory"],
  ["output", "--output-bytes"],
]);

/** The result that a model reads when the session that it worked in is over. */
function endText(fault: BenchError<"LIMIT" | "SANDBOX_UNAVAILABLE">, limits: ModeStart["limits"]): string {
  const afterwards = "The next program runs in a fresh session, without the files that programs wrote.";
  if (!isBenchError(fault, "LIMIT")) return `The sandbox session ended while the program ran. ${afterwards}`;
  const sizes: { readonly [limit: string]: string } = {
    wallTime: ` of ${limits.wallTimeMs / 1000} seconds`,
    memory: ` of ${limits.memoryBytes / 2 ** 20} MiB`,
    output: ` of ${limits.outputBytes} bytes`,
  };
  const { limit } = fault.details;
  return `The program was stopped at the limit ${limit}${sizes[limit] ?? ""}, and its session was closed. ${afterwards}`;
}

const nothing: Activity = { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 };

/** A program whose session died under it: what it did is not known. Throws any other error. */
function deathOf(error: unknown) {
  if (isBenchError(error, "SANDBOX_UNAVAILABLE")) return { status: "died", error, text: "", activity: nothing } as const;
  throw error;
}

/**
 * Discovery of a model that says nothing of its purpose: no tool call, no file written, something read, and all of it below
 * `servers/`. Where the guest reports its files, it may move a program's cost to another cause, and no more.
 */
function onlyLooked({ calls, wrote, read }: Activity): boolean {
  return (
    calls === 0 &&
    wrote.length === 0 &&
    read.length > 0 &&
    read.every((path) => path === "servers" || path.startsWith("servers/"))
  );
}

/** The bridge, with the text of every reply kept. */
function recording(bridge: GuestBridge, replies: string[]): GuestBridge {
  return {
    async call(server, tool, input, signal): Promise<CallReply> {
      const reply = await bridge.call(server, tool, input, signal);
      replies.push(reply.text);
      return reply;
    },
  };
}
