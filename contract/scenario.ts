import type { z } from "zod";
import type { Json, JsonObject } from "./json.ts";
import type { WorldServer } from "./server.ts";

/** Parameters of one cell: flat, so that they fit a command line, a CSV column and a record. */
export type Params = { readonly [name: string]: number | string | boolean };

/** One instance of a scenario: what the prompt says and what the world is, both from parameters and seed alone. */
export interface Task<P extends Params = Params> {
  readonly params: P;
  readonly seed: number;
  readonly prompt: string;
  /** The prompt's facts that scripts and programs may use: ids, names. Nothing that the prompt does not say. */
  readonly facts: JsonObject;
}

/** One tool call of a direct script. */
export interface ScriptCall {
  readonly server: string;
  readonly tool: string;
  readonly input: JsonObject;
}

/** One program of a code script: a file of the scenario's `programs/`, its placeholders filled from `values`. */
export interface ScriptProgram {
  readonly file: string;
  readonly values: JsonObject;
  /** It only looks at data that a later program works on. Policy `repair` does not break it. */
  readonly looks?: true;
}

/** A tool use's result as the model reads it. */
export interface ScriptResult {
  readonly text: string;
  readonly isError: boolean;
}

/** A turn of a script: tool uses that go out together, and the text beside them. */
export interface ScriptTurn<U> {
  readonly say?: string;
  readonly uses: readonly U[];
}

/**
 * What a competent agent does, turn by turn. It receives the results of a turn, in order, and returns the answer's
 * facts. It knows only the prompt's facts and the results that it was given.
 */
export type Script<U, P extends Params = Params> = (
  task: Task<P>,
) => Generator<ScriptTurn<U>, JsonObject, readonly ScriptResult[]>;

/** What a code script knows of the tools that its programs call. */
export interface CodeChoice {
  /** Whether the tool says what it returns; otherwise its wrapper returns text. */
  declaresOutput(server: string, tool: string): boolean;
  /** Milliseconds that one program may run, virtual waits included. */
  readonly wallTimeMs: number;
}

/** What a competent agent does with programs; `choice` is known from the definitions that it has read. */
export type CodeScript<P extends Params = Params> = (
  task: Task<P>,
  choice: CodeChoice,
) => Generator<ScriptTurn<ScriptProgram>, JsonObject, readonly ScriptResult[]>;

/** A tool that the code script imports, so that the agent knows which definition to read. */
export interface NeededTool {
  readonly server: string;
  readonly tool: string;
  /**
   * Arguments, from the prompt's facts, with which a careful agent looks at what the tool returns before it writes a
   * program over it, where the tool does not say. Absent: a tool that changes something, or one that the script looks at.
   */
  readonly look?: JsonObject;
  /** The tool's text is not JSON: programs work on it as text and parse nothing. */
  readonly plainText?: true;
}

/** One exact check on the end state. `detail` says what differs, and is empty when it passed. */
export interface Check {
  readonly id: string;
  readonly passed: boolean;
  readonly detail: string;
}

export interface EndState {
  /** Each server's snapshot before the first turn and after the last, by server name. */
  readonly before: { readonly [server: string]: Json };
  readonly after: { readonly [server: string]: Json };
  /** The final turn's text. */
  readonly answer: string;
}

/** What a scenario with real servers needs of the machine. */
export interface ScenarioHost {
  /** An existing folder under which a server's files may be made. */
  readonly tmpDir: string;
  /** The Node executable that runs a server. */
  readonly nodePath: string;
}

/** A published figure, with the workflow that a scenario plays. */
export interface Claim {
  /** In a few words, with its numbers. */
  readonly text: string;
  readonly source: string;
  /** Id of a model profile: the model of the claim's date. */
  readonly profile: string;
}

/**
 * A task, its world, its scripts and its verifier. One folder each under `scenarios/`.
 *
 * `P` is what `params` yields: a flat object of numbers, strings and booleans, every field with a default.
 */
export interface Scenario<P extends Params = Params> {
  readonly id: string;
  readonly title: string;
  /** Where the scenario comes from: publication and date. */
  readonly source: string;
  /** The published figure that rests on this workflow, if there is one. */
  readonly claim?: Claim;
  /** Every field has a default and a description; ranges are part of the type. */
  readonly params: z.ZodType<P>;
  /** The parameter sets that a default run plays: `{}` is the defaults. */
  readonly variants: readonly Partial<P>[];
  /** The scenario waits, and asks for virtual time. */
  readonly virtualTime: boolean;
  /** A fresh world for one cell. Whoever called it closes every server. */
  world(
    params: P,
    seed: number,
    host: ScenarioHost,
  ): Promise<{ readonly task: Task<P>; readonly servers: readonly WorldServer[] }>;
  readonly direct: Script<ScriptCall, P>;
  readonly code: CodeScript<P>;
  /** The same for a task that waits: each program returns before `wallTimeMs`, and the next turn asks again. */
  readonly codeReturning?: CodeScript<P>;
  /** The tools that the code script's programs import. */
  needs(task: Task<P>): readonly NeededTool[];
  /** Folder of the programs, as a URL ending in a slash. */
  readonly programs: URL;
  /** The final answer's text: one function of the facts, shared by both modes. */
  answer(facts: JsonObject, task: Task<P>): string;
  /** Exact checks, at least one on every server's state. */
  verify(end: EndState, task: Task<P>): readonly Check[];
  /** Says why the scenario cannot play here, with the fix; `undefined`: it can. */
  unavailable?(): Promise<{ readonly reason: string; readonly fix: string } | undefined>;
}
