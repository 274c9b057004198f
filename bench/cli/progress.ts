/** How far a run is: one line that is redrawn on a terminal, a plain line every tenth where there is none. */

import type { CellKey, RunEvent } from "../../contract/index.ts";
import { terminalText } from "../../reports/escape.ts";
import { refusedNotes } from "../../reports/notes.ts";
import type { CliProcess } from "./cli-process.ts";

export interface Progress {
  show(event: RunEvent): void;
  /** Clears the line. Idempotent. */
  end(): void;
}

/** Redraws at most this often: a run plays hundreds of cells a second. */
const redrawMs = 100;

export function createProgress(cli: CliProcess, quiet: boolean): Progress {
  const steps = createSteps(cli, quiet, "cells");
  return {
    show(event) {
      if (event.type === "planned") {
        const { plannedCells } = event.run;
        // Not progress: it is said to those too who want none of that.
        for (const note of refusedNotes(event.run)) cli.stderr.write(`note: ${terminalText(note)}\n`);
        const left = `Playing ${plannedCells - event.kept} cells`;
        steps.begin(plannedCells, event.kept, event.kept === 0 ? `${left}.` : `${left}; ${event.kept} were played before.`);
      } else steps.step(event.done, describe(event.key));
    },
    end: steps.end,
  };
}

/** The same for any work of so many steps. */
export interface Steps {
  /** `line` says on a pipe what begins; `kept` steps were done before. */
  begin(total: number, kept: number, line: string): void;
  step(done: number, what: string): void;
  /** Clears the line. Idempotent. */
  end(): void;
}

/** `noun` is what steps are called, in the plural. */
export function createSteps({ stderr, now }: CliProcess, quiet: boolean, noun: string): Steps {
  let startedMs = now();
  let total = 0;
  let kept = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let tenth = 0;
  let drawn = false;
  return {
    begin(all, before, line) {
      if (quiet) return;
      startedMs = now();
      total = all;
      kept = before;
      tenth = Math.floor((10 * kept) / total);
      if (!stderr.isTTY) stderr.write(`${line}\n`);
    },
    step(done, what) {
      if (quiet) return;
      const leftMs = ((now() - startedMs) / (done - kept)) * (total - done);
      if (stderr.isTTY) {
        if (now() - drawnMs < redrawMs && done < total) return;
        drawnMs = now();
        drawn = true;
        const line = `${done}/${total} ${noun}  ${duration(leftMs)} left  ${terminalText(what)}`;
        stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
      } else if (Math.floor((10 * done) / total) > tenth) {
        tenth = Math.floor((10 * done) / total);
        stderr.write(`${done} of ${total} ${noun} (${tenth * 10}%)${done < total ? `, about ${duration(leftMs)} left` : ""}\n`);
      }
    },
    end() {
      if (drawn) stderr.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

function describe({ scenario, mode, sandbox }: CellKey): string {
  return [scenario, mode, sandbox].filter((part) => part !== null).join(" ");
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
