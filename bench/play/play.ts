/**
 * The one conversation loop. It knows neither mode nor backend nor model, so that two modes differ in what they
 * show and do, and in nothing else.
 */
import {
  BenchError,
  type Block,
  type Cause,
  type Message,
  type Model,
  type ModelRequest,
  type ModeSession,
  type Shown,
  type ToolUseBlock,
  type Transcript,
  type TranscriptTurn,
  type Treatment,
  type Turn,
  type UseKind,
} from "../../contract/index.ts";

export interface PlayOptions {
  readonly mode: Pick<ModeSession, "show" | "execute">;
  readonly model: Model;
  readonly prompt: string;
  /** A conversation longer than this is a defect of its script or model. */
  readonly maxTurns: number;
  /** Called with each request before the model gets it; throws to end the cell. */
  readonly beforeTurn?: (request: ModelRequest, turn: number) => void;
  /** Modelled seconds from a turn's request to the next: decoding it, its tool waits, its waits. */
  readonly gapSeconds: (content: Turn["content"], toolWaits: number, waitSeconds: number) => number;
  readonly signal: AbortSignal;
}

export interface Played {
  readonly transcript: Transcript;
  /** The text of the turn without a tool use. */
  readonly answer: string;
  readonly sandboxRunMs: number;
  readonly callWaves: number;
  readonly waitSeconds: number;
  readonly treatment: Treatment;
}

/** No mode forces a tool use: a conversation ends with a turn that has none. */
const toolChoice = "auto";

/**
 * Plays turns until one holds no tool use.
 *
 * Rejects with BenchError MODEL_SCRIPT (script out of step), LIMIT (too many turns), ABORTED (signal),
 * the fault of a tool use, or what `mode.execute` and `beforeTurn` throw.
 */
export async function play({ mode, model, prompt, maxTurns, beforeTurn, gapSeconds, signal }: PlayOptions): Promise<Played> {
  const messages: Message[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
  const causes: Cause[][] = [["prompt"]];
  const start = mode.show();
  let shown = start;
  const turns: TranscriptTurn[] = [];
  const labels: Record<string, string> = {};
  const sums = { sandboxRunMs: 0, callWaves: 0, waitSeconds: 0 };
  const uses: { [K in UseKind]?: number } = {};
  const treatment = { uses, callsFromPrograms: 0, definitionsFetched: 0 };
  for (let turn = 0; turn < maxTurns; turn++) {
    if (signal.aborted) throw new BenchError("ABORTED");
    const now = turn === 0 ? start : mode.show();
    const changed = isSame(now, shown) ? {} : { shown: now };
    shown = now;
    const request: ModelRequest = { ...shown, toolChoice, messages };
    beforeTurn?.(request, turn);
    const { content, labels: own } = await model.generate(request, signal);
    const messagesSeen = messages.length;
    Object.assign(labels, own);
    const toolUses = content.filter((block) => block.type === "tool_use");
    messages.push({ role: "assistant", content });
    if (toolUses.length === 0) {
      causes.push(content.map(() => "answer"));
      turns.push({ messagesSeen, gapSeconds: gapSeconds(content, 0, 0), ...changed });
      model.finish();
      return {
        transcript: { ...start, toolChoice, messages, causes, turns, labels },
        answer: textOf(content),
        ...sums,
        treatment,
      };
    }
    const { toolWaits, waitSeconds } = await carryOut(content, toolUses);
    turns.push({ messagesSeen, gapSeconds: gapSeconds(content, toolWaits, waitSeconds), ...changed });
  }
  throw new BenchError("LIMIT", {
    limit: "turns",
    problem: `no answer after ${maxTurns.toLocaleString("en-US")} turns`,
    fix: "Mend the scenario's script, or ask for less work with --param.",
  });

  async function carryOut(content: Turn["content"], uses: readonly ToolUseBlock[]) {
    const outcomes = await mode.execute(uses, signal);
    if (signal.aborted) throw new BenchError("ABORTED");
    let next = 0;
    causes.push(content.map((block) => (block.type === "text" ? "narration" : (outcomes[next++]?.causes.use ?? "toolCalls"))));
    const results: Block[] = [];
    let toolWaits = 0;
    let waitSeconds = 0;
    for (const [at, outcome] of outcomes.entries()) {
      const use = uses[at];
      if (use === undefined) throw new TypeError("A mode returned more outcomes than tool uses.");
      if (outcome.fault !== undefined) throw outcome.fault;
      treatment.uses[outcome.kind] = (treatment.uses[outcome.kind] ?? 0) + 1;
      treatment.callsFromPrograms += outcome.callsFromPrograms;
      treatment.definitionsFetched += outcome.definitionsFetched;
      results.push({
        type: "tool_result",
        tool_use_id: use.id,
        content: outcome.text,
        ...(outcome.isError ? { is_error: true } : {}),
      });
      toolWaits += outcome.modelled.callWaves;
      waitSeconds += outcome.modelled.waitSeconds;
      sums.sandboxRunMs += outcome.sandboxRunMs;
    }
    messages.push({ role: "user", content: results });
    causes.push(outcomes.map((outcome) => outcome.causes.result));
    sums.callWaves += toolWaits;
    sums.waitSeconds += waitSeconds;
    return { toolWaits, waitSeconds };
  }
}

/** What a cache would take for the same prefix. */
function isSame(a: Shown, b: Shown): boolean {
  return a === b || JSON.stringify([a.tools, a.system]) === JSON.stringify([b.tools, b.system]);
}

function textOf(content: Turn["content"]): string {
  return content
    .filter((block) => block.type === "text")
    .map((block) => block.text)
    .join("\n");
}
