/** What passes between guest code and the backend that carries it. Both sides import this file; it does nothing. */

/** An uncaught error as the guest could read it. `stack` is the engine's own text. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** A folder entry or a file's facts, as `list` and `stat` give them in JSON. */
export interface FileFacts {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly sizeBytes: number;
}

/**
 * Synchronous primitives. File primitives throw an error whose message is the POSIX code alone (`ENOENT`); paths are
 * as the program wrote them, the host resolves and checks them.
 */
export interface GuestHost {
  /** Appends to the output; the text ends in a newline. */
  write(text: string): void;
  /** Starts a tool call. The answer arrives through `Guest.reply` with the same id. */
  call(id: number, server: string, tool: string, inputJson: string): void;
  /**
   * Lets virtual time pass, when nothing else can happen; answered through `Guest.waited`. The host sums what it has
   * answered.
   */
  wait(milliseconds: number): void;
  /**
   * Ends the run; `threw` says whether by an error that nobody caught. Plain arguments and no JSON, because a program
   * may have changed how objects are written.
   */
  finish(threw: boolean, name: string, message: string, stack: string): void;
  readText(path: string): string;
  readBytes(path: string): Uint8Array;
  writeText(path: string, text: string, append: boolean): void;
  writeBytes(path: string, bytes: Uint8Array, append: boolean): void;
  /** JSON of `FileFacts[]`, sorted by name; names are paths below `path` when recursive. */
  list(path: string, recursive: boolean): string;
  /** JSON of `FileFacts`. */
  stat(path: string): string;
  makeFolder(path: string, recursive: boolean): void;
  /** Stands in for the engine's own `import()` of the program, where that cannot be used. */
  importModule?(url: string): Promise<unknown>;
}

/** What the backend drives. */
export interface Guest {
  /** Starts the program `file` of the workspace. */
  start(file: string, virtualTime: boolean): void;
  /** Settles call `id`: with the value of JSON text, with text, or with a ToolError that says why it was refused. */
  reply(id: number, kind: "json" | "text" | "refused", text: string): void;
  /** The wait that was asked for has passed. */
  waited(): void;
  /** Ends the run with an error that nobody caught. */
  fail(reason: unknown): void;
  /**
   * Does what is due, one timer at most. `quiet` says that no job is left, so that virtual time may pass and the run
   * may end. Returns one of `turns`, or the milliseconds until the next timer.
   */
  turn(quiet: boolean): number;
}

export const turns = { again: 0, finished: -1, waiting: -2 } as const;
