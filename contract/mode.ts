import type { Bridge } from "./bridge.ts";
import type { BenchError } from "./errors.ts";
import type { Cause } from "./ledger.ts";
import type { Shown, ToolUseBlock } from "./message.ts";
import type { Language, Sandbox } from "./sandbox.ts";
import type { Scenario, Task } from "./scenario.ts";
import type { Purposes, TreatmentCounter, UseKind } from "./treatment.ts";

/** What ways are compared with, unless a run is asked for another baseline. */
export const defaultBaseline = "direct-tool-call";
/** The control that prints every tool result in full. It is never compared as a way of its own. */
export const echoMode = "code-execution-echo";

export const policies = ["minimal", "thorough", "readme", "repair", "return-and-ask"] as const;
/**
 * How a scripted agent behaves in a mode that leaves it a choice. `minimal`: it reads just the definitions it needs.
 * `thorough`: every definition of the needed servers. `readme`: as minimal, but what a server says of itself is a file in
 * its folder, read when that server is needed. `repair`: as minimal, but the first program is wrong and is mended.
 * `return-and-ask`: as minimal, but a program that waits returns before its wall-time limit, and the agent asks again.
 */
export type Policy = (typeof policies)[number];

export const outputSchemaChoices = ["real", "all", "none"] as const;
/**
 * Which tools declare what they return. `real`: as the modelled server documents it. `all`: every tool whose server knows
 * its output schema. `none`: no tool. A tool without one sends no structured content, and its wrapper returns a string.
 */
export type OutputSchemas = (typeof outputSchemaChoices)[number];

/** One tool use carried out. */
export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
  readonly kind: UseKind;
  /** Tool definitions that it asked for one by one. Where a program reads them, its runner may have to be believed (`Activity.filesReportedBy`). */
  readonly definitionsFetched: number;
  /** Calls through the bridge that a program made; 0 where the model calls tools itself. */
  readonly callsFromPrograms: number;
  /** Cause of the tool use and of its result. */
  readonly causes: { readonly use: Cause; readonly result: Cause };
  /** Milliseconds in the sandbox, a fresh session's opening included; 0 in modes without one. */
  readonly sandboxRunMs: number;
  /** For modelled time: sequential tool waits (calls issued together count once) and seconds that the guest or the clock server waited. */
  readonly modelled: { readonly callWaves: number; readonly waitSeconds: number };
  /** What closed the sandbox session: a limit, or its death. A script's cell ends with it; to any other model `text` says it. */
  readonly fault?: BenchError<"LIMIT" | "SANDBOX_UNAVAILABLE">;
}

/** A mode at work in one cell. Whoever started it closes it. */
export interface ModeSession {
  /** What the next request shows. Asked before every turn, in order; cheap, and the same object while nothing has changed. */
  show(): Shown;
  /** Milliseconds to open the first sandbox session; `null` in modes without one. */
  readonly sandboxOpenMs: number | null;
  /**
   * Carries out one turn's tool uses; outcomes in tool-use order. Rejects with SANDBOX_UNAVAILABLE when no session can be
   * opened.
   */
  execute(uses: readonly ToolUseBlock[], signal: AbortSignal, purposes?: Purposes): Promise<readonly ToolOutcome[]>;
  close(): Promise<void>;
}

export interface ModeStart {
  readonly scenario: Scenario;
  readonly task: Task;
  readonly bridge: Bridge;
  /** Present exactly when the mode uses one. */
  readonly sandbox?: Sandbox;
  readonly limits: { readonly memoryBytes: number; readonly wallTimeMs: number; readonly outputBytes: number };
  /** One of the mode's; `null` in modes without any. */
  readonly policy: Policy | null;
  /** Of the mode's, the one that programs are written in; `null` in modes without a sandbox. */
  readonly language: Language | null;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * What the model is shown, and how its tool use is carried out. One folder each under `bench/play/modes/`, one line in its
 * registry. The loop knows none of them, and nobody branches on an id: what a mode is like it declares here. How a script
 * plays it stands apart (`ScriptedAgent`), so that another model plays the same mode without it.
 */
export interface Mode {
  readonly id: string;
  readonly title: string;
  /** At the head of a column; default its id. */
  readonly short?: string;
  readonly source: string;
  /** What its programs may be written in, the default first; TypeScript counts as javascript. `null`: it uses no sandbox. */
  readonly sandbox: null | { readonly languages: readonly Language[] };
  /** How its scripted agent may behave, the default first; empty: it has no choice. */
  readonly policies: readonly Policy[];
  /** Whether what a tool declares to return reaches the model or its programs. */
  readonly showsOutputSchemas: boolean;
  /** A control exists to be compared with; no default figure is taken from it. */
  readonly control: boolean;
  /** What has to have happened once for a cell to say anything about this mode. */
  readonly treatment: TreatmentCounter;
  start(options: ModeStart): Promise<ModeSession>;
}
