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
  type Purposes,
  type Shown,
  type ToolOutcome,
  type ToolUseBlock,
  type Transcript,
  type TranscriptTurn,
  type Treatment,
  type Turn,
  type UseKind,
} from "../../contract/index.ts";
import { emptyTurn, misuses } from "./misuse.ts";

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
 * Plays turns until one holds no tool use. A mistake of a model that is not strict is answered and played on from: a tool use
 * that cannot be carried out, a session that its program ended, a turn with nothing in it.
 *
 * Rejects with BenchError MODEL_SCRIPT (script out of step), LIMIT (too many turns), ABORTED (signal),
 * BAD_RECORD (a tool use with an impossible figure), the fault of a strict model's tool use, or what `mode.execute` and `beforeTurn` throw.
 */
export async function play({ mode, model, prompt, maxTurns, beforeTurn, gapSeconds, signal }: PlayOptions): Promise<Played> {
  const messages: Message[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
  const causes: Cause[][] = [["prompt"]];
  const start = mode.show();
  let shown = start;
  const misuse = misuses();
  const turns: TranscriptTurn[] = [];
  const labels: Record<string, string> = {};
  const sums = { sandboxRunMs: 0, callWaves: 0, waitSeconds: 0 };
  const treatment = { uses: {} as { [K in UseKind]?: number }, callsFromPrograms: 0, definitionsFetched: 0 };
  for (let turn = 0; turn < maxTurns; turn++) {
    if (signal.aborted) throw new BenchError("ABORTED");
    const now = turn === 0 ? start : mode.show();
    const changed = isSame(now, shown) ? {} : { shown: now };
    shown = now;
    const request: ModelRequest = { ...shown, toolChoice, messages };
    beforeTurn?.(request, turn);
    const { content, labels: own, purposes } = await model.generate(request, signal);
    const messagesSeen = messages.length;
    Object.assign(labels, own);
    const toolUses = content.filter((block) => block.type === "tool_use");
    messages.push({ role: "assistant", content });
    const answer = textOf(content);
    if (toolUses.length === 0 && (model.strict || answer.trim() !== "")) {
      causes.push(content.map(() => "answer"));
      turns.push({ messagesSeen, gapSeconds: gapSeconds(content, 0, 0), ...changed });
      model.finish();
      return {
        transcript: { ...start, toolChoice, messages, causes, turns, labels },
        answer,
        ...sums,
        treatment,
      };
    }
    const { toolWaits, waitSeconds } = toolUses.length === 0 ? remind(content) : await carryOut(content, toolUses, purposes);
    turns.push({ messagesSeen, gapSeconds: gapSeconds(content, toolWaits, waitSeconds), ...changed });
  }
  throw new BenchError("LIMIT", {
    limit: "turns",
    problem: `no answer after ${maxTurns.toLocaleString("en-US")} turns`,
    fix: model.strict ? "Mend the scenario's script, or ask for less work with --param." : "The model does not come to an end.",
  });

  function remind(content: Turn["content"]) {
    messages.push({ role: "user", content: [{ type: "text", text: emptyTurn }] });
    causes.push(
      content.map(() => "narration"),
      ["prompt"],
    );
    return { toolWaits: 0, waitSeconds: 0 };
  }

  async function carryOut(content: Turn["content"], uses: readonly ToolUseBlock[], purposes: Purposes | undefined) {
    const problems = uses.map((use) => (model.strict ? undefined : misuse(use, shown)));
    const fitting = uses.filter((_, at) => problems[at] === undefined);
    const outcomes = fitting.length === 0 ? [] : await mode.execute(fitting, signal, purposes);
    if (signal.aborted) throw new BenchError("ABORTED");
    let next = 0;
    const answers = problems.map((problem) => {
      const answer = problem === undefined ? outcomes[next++] : refusal(problem);
      if (answer === undefined) throw new TypeError("A mode returned fewer outcomes than tool uses.");
      return answer;
    });
    if (next < outcomes.length) throw new TypeError("A mode returned more outcomes than tool uses.");
    const useCauses = answers.map((answer) => answer.causes.use);
    causes.push(content.map((block) => (block.type === "text" ? "narration" : (useCauses.shift() ?? "toolCalls"))));
    let toolWaits = 0;
    let waitSeconds = 0;
    for (const outcome of outcomes) {
      if (outcome.fault !== undefined && model.strict) throw outcome.fault;
      checkFigures(outcome);
      treatment.uses[outcome.kind] = (treatment.uses[outcome.kind] ?? 0) + 1;
      treatment.callsFromPrograms += outcome.callsFromPrograms;
      treatment.definitionsFetched += outcome.definitionsFetched;
      toolWaits += outcome.modelled.callWaves;
      waitSeconds += outcome.modelled.waitSeconds;
      sums.sandboxRunMs += outcome.sandboxRunMs;
    }
    const results = answers.map(({ text, isError }, at): Block => {
      return { type: "tool_result", tool_use_id: uses[at]?.id ?? "", content: text, ...(isError ? { is_error: true } : {}) };
    });
    messages.push({ role: "user", content: results });
    causes.push(answers.map((answer) => answer.causes.result));
    sums.callWaves += toolWaits;
    sums.waitSeconds += waitSeconds;
    return { toolWaits, waitSeconds };
  }
}

/** Each by itself: a sum could hide a negative one. Throws BAD_RECORD. */
function checkFigures({ callsFromPrograms, definitionsFetched, sandboxRunMs, modelled }: ToolOutcome): void {
  const counts = { callsFromPrograms, definitionsFetched, callWaves: modelled.callWaves };
  const times = { sandboxRunMs, waitSeconds: modelled.waitSeconds };
  const wrong = [
    ...Object.entries(counts).filter(([, value]) => !Number.isSafeInteger(value) || value < 0),
    ...Object.entries(times).filter(([, value]) => !Number.isFinite(value) || value < 0),
  ];
  const [name, value] = wrong[0] ?? [];
  if (name !== undefined) throw new BenchError("BAD_RECORD", { problem: `a tool use has ${name} ${String(value)}` });
}

/** The answer to a tool use that was not carried out. It was no use of the mode's, whose causes it therefore has not. */
function refusal(text: string): Pick<ToolOutcome, "text" | "isError" | "causes"> {
  return { text, isError: true, causes: { use: "toolCalls", result: "toolResults" } };
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
