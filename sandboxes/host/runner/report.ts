/** A runner's report on its program, read without trust. */

import type { FromRunner } from "../../wire/runner-protocol.ts";
import type { FileActivity } from "../../workspace/workspace.ts";
import type { RunVerdict } from "../session/outcome.ts";

export interface Report {
  readonly verdict: RunVerdict;
  readonly files: FileActivity;
  readonly virtualWaitMs: number;
}

export const nothingReported: Report = { verdict: { status: "returned" }, files: { read: [], wrote: [] }, virtualWaitMs: 0 };

/** Only text counts: turning anything else into text could fail. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The guest may have sent the message itself. Whatever its shape, it gives a report, never an error of the host. */
export function readReport(message: Partial<Record<keyof Extract<FromRunner, { type: "done" }>, unknown>>): Report {
  const strings = (value: unknown) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
  const fields = (value: unknown) => (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const files = fields(message.files);
  const thrown = fields(message.thrown);
  return {
    verdict:
      message.thrown === null
        ? { status: "returned" }
        : {
            status: "threw",
            thrown: { name: textOf(thrown.name), message: textOf(thrown.message), stack: textOf(thrown.stack) },
          },
    files: { read: strings(files.read), wrote: strings(files.wrote) },
    virtualWaitMs: Number(message.virtualWaitMs) || 0,
  };
}
