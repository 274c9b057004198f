/**
 * One coded error class and one table of messages. Every message says what happened and how to mend it. Callers
 * branch on `code`, never on the text.
 */
const messages = {
  UNKNOWN_ID: (d: { kind: string; id: string; nearest: string | undefined; known: string }) =>
    `Unknown ${d.kind} "${d.id}".${d.nearest === undefined ? "" : ` Did you mean "${d.nearest}"?`} Known: ${d.known}.`,
  USAGE: (d: { problem: string; fix: string }) => `${d.problem} ${d.fix}`,
  NOTHING_TO_PLAY: (d: { fix: string }) => `The selection leaves nothing to play. ${d.fix}`,
  OUTPUT_FOLDER: (d: { folder: string; problem: string; fix?: string }) =>
    `Cannot write results to ${d.folder}: ${d.problem}. ${d.fix ?? "Choose another folder with --out."}`,
  FOLDER_IN_USE: (d: { folder: string; owner: string; fix: string }) => `${d.folder} is in use by ${d.owner}. ${d.fix}`,
  RESUME: (d: { folder: string; problem: string; fix: string }) => `Cannot resume ${d.folder}: ${d.problem}. ${d.fix}`,
  JOB: (d: { problem: string; fix: string }) => `This job cannot be played here: ${d.problem}. ${d.fix}`,
  RECORDS: (d: { file: string; problem: string; fix: string }) => `${d.file}: ${d.problem}. ${d.fix}`,
  CONFIG: (d: { file: string; problem: string; fix: string }) => `Configuration ${d.file}: ${d.problem}. ${d.fix}`,
  GATE_FILE: (d: { file: string; problem: string; fix: string }) => `${d.file}: ${d.problem}. ${d.fix}`,
  CATALOGUE: (d: { file: string; problem: string; fix: string }) => `Catalogue ${d.file}: ${d.problem}. ${d.fix}`,
  SERVER_START: (d: { server: string; problem: string; fix: string; stderr?: string }) =>
    `MCP server "${d.server}" cannot be used: ${d.problem}. ${d.fix}${d.stderr === undefined || d.stderr === "" ? "" : `\nIts stderr ended with:\n${d.stderr}`}`,
  TOOL_NAMES: (d: { first: string; second: string; file: string }) =>
    `Tools ${d.first} and ${d.second} would both become ${d.file}. Rename one, or leave its server out.`,
  SANDBOX_UNAVAILABLE: (d: { sandbox: string; reason: string; fix: string }) =>
    `Sandbox "${d.sandbox}" is unavailable: ${d.reason}. ${d.fix}`,
  NO_EGRESS: (d: { sandbox: string; others: string }) =>
    `Sandbox "${d.sandbox}" cannot hold a guest to the hosts that egress grants. Open the session on ${d.others}, or without egress.`,
  EGRESS: (d: { problem: string; fix: string }) => `This egress cannot be granted: ${d.problem}. ${d.fix}`,
  SESSION_BUSY: (d: { sandbox: string }) =>
    `A program is already running in this ${d.sandbox} session. Wait for it: runs of one session are serial.`,
  SESSION_CLOSED: (d: { sandbox: string }) => `This ${d.sandbox} session is closed. Open a new one.`,
  FILE_NOT_FOUND: (d: { path: string }) => `No file ${d.path} in the workspace. List the files to see what is there.`,
  PATH_OUTSIDE_WORKSPACE: (d: { path: string }) => `${d.path} is outside the workspace. Use a path below /workspace.`,
  BAD_RECORD: (d: { problem: string }) =>
    `What this cell measured cannot be kept: ${d.problem}. Mend the part that said so: its mode, sandbox, counter or scenario.`,
  MODEL_SCRIPT: (d: { problem: string }) => `The scripted model cannot go on: ${d.problem}. Mend the scenario's script.`,
  LIMIT: (d: { limit: string; problem: string; fix: string }) => `Limit ${d.limit} exceeded: ${d.problem}. ${d.fix}`,
  CONTEXT_EXCEEDED: (d: { turn: number; tokens: number; windowTokens: number }) =>
    `Turn ${d.turn} needs ${d.tokens} tokens and the window holds ${d.windowTokens}. Leave out --enforce-window to play on.`,
  ABORTED: () => "Stopped before the end. Run the command again.",
} as const;

type Messages = typeof messages;
export type ErrorCode = keyof Messages;
export type ErrorDetails<C extends ErrorCode> = Parameters<Messages[C]>[0];

/** Every error that this project raises on purpose. Anything else is a defect. */
export class BenchError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: ErrorDetails<C>;

  constructor(
    code: C,
    ...rest: ErrorDetails<C> extends undefined ? [] : [details: ErrorDetails<C>, options?: { cause?: unknown }]
  ) {
    const [details, options] = rest as [ErrorDetails<C>, { cause?: unknown } | undefined];
    super((messages[code] as (d: ErrorDetails<C>) => string)(details), options);
    this.name = "BenchError";
    this.code = code;
    this.details = details;
  }
}

/** Narrows to one code: `isBenchError(e, "SANDBOX_UNAVAILABLE")`. */
export function isBenchError<C extends ErrorCode>(error: unknown, code: C): error is BenchError<C> {
  return error instanceof BenchError && error.code === code;
}
