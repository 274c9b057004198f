/**
 * What the model is shown of a run, in the same bytes on every backend: the output, then the error that ended it.
 *
 * Frames are reduced to what every engine can report: file and line, in files of the workspace. Frames of the engine, the
 * guest runtime and the host are left out, and so are V8's `at async` frames, because QuickJS does not follow a function
 * across an await: after one, the frames are those of the function that threw, up to the await.
 */
import type { Frame } from "../../../contract/index.ts";
import type { Thrown } from "../../guest/contract.ts";
import { cutText, type KeptOutput } from "../../wire/output.ts";
import { workspaceScheme } from "../../workspace/module-source.ts";

/** Frames shown; enough for any honest program, and a bound for a recursive one. */
const maxFrames = 10;

const frameLine = new RegExp(`^\\s*at (?!async ).*?${workspaceScheme}(?<file>[^\\s()]+?):(?<line>\\d+)(?::\\d+)?\\)?$`);

/** The workspace's frames of an engine's stack text, innermost first. The text is untrusted. */
export function ownFrames(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split("\n", 500)) {
    if (line.length > 1000) continue;
    const found = frameLine.exec(line)?.groups;
    if (found?.file === undefined || found.line === undefined) continue;
    frames.push({ file: decodedFile(found.file), line: Number(found.line) });
    if (frames.length === maxFrames) break;
  }
  return frames;
}

function decodedFile(file: string): string {
  try {
    return decodeURI(file);
  } catch {
    // We encoded no such name: the program made this frame up.
    return file;
  }
}

export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly frames: readonly Frame[];
}

/** An error as records and texts hold it: well-formed text of a bounded length. */
export function runError(thrown: Thrown, maxBytes: number): RunError {
  return {
    name: cutText(thrown.name.toWellFormed(), 200),
    message: cutText(thrown.message.toWellFormed(), maxBytes),
    frames: ownFrames(thrown.stack),
  };
}

const cutLine = (maxBytes: number) => `[output cut at ${maxBytes} bytes]`;

/**
 * The text of an outcome: at most `maxBytes` of it, and the line that says so when something was left out. When both
 * do not fit, an error takes up to half, and keeps its beginning: a model can mend little without it.
 */
export function resultText(output: KeptOutput, error: RunError | undefined, maxBytes: number): string {
  const printed = output.text.toWellFormed().replace(/\n$/, "");
  const reported =
    error === undefined
      ? ""
      : [`Error: ${error.name}: ${error.message}`, ...error.frames.map((f) => `    at ${f.file}:${f.line}`)].join("\n");
  const whole = [printed, reported].filter((part) => part !== "").join("\n");
  if (!output.cut && Buffer.byteLength(whole) <= maxBytes) return whole;
  const tail = cutText(reported, Math.max(Math.floor(maxBytes / 2), maxBytes - Buffer.byteLength(printed)));
  const head = cutText(printed, maxBytes - Buffer.byteLength(tail));
  // The line stands where the text is missing.
  const parts = tail === reported ? [head, cutLine(maxBytes), tail] : [head, tail, cutLine(maxBytes)];
  return parts.filter((part) => part !== "").join("\n");
}
