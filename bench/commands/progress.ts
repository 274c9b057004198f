/** How far a run is: one line that is redrawn on a terminal, a plain line every tenth where there is none. */
import type { CliProcess } from "../cli-process.ts";
import type { CellKey, RunEvent } from "../types/index.ts";

export interface Progress {
  show(event: RunEvent): void;
  /** Clears the line. Idempotent. */
  end(): void;
}

/** Redraws at most this often: a run plays hundreds of cells a second. */
const redrawMs = 100;

export function createProgress(cli: CliProcess, quiet: boolean): Progress {
  const { stderr, now } = cli;
  let startedMs = now();
  let kept = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let tenth = 0;
  let drawn = false;

  function show(event: RunEvent): void {
    if (quiet) return;
    if (event.type === "planned") {
      startedMs = now();
      kept = event.kept;
      tenth = Math.floor((10 * kept) / event.run.plannedCells);
      const left = `Playing ${event.run.plannedCells - kept} cells`;
      if (!stderr.isTTY) stderr.write(kept === 0 ? `${left}.\n` : `${left}; ${kept} were played before.\n`);
      return;
    }
    const { done, total, key } = event;
    const leftMs = ((now() - startedMs) / (done - kept)) * (total - done);
    if (stderr.isTTY) {
      if (now() - drawnMs < redrawMs && done < total) return;
      drawnMs = now();
      drawn = true;
      const line = `${done}/${total} cells  ${duration(leftMs)} left  ${describe(key)}`;
      stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
    } else if (Math.floor((10 * done) / total) > tenth) {
      tenth = Math.floor((10 * done) / total);
      stderr.write(`${done} of ${total} cells (${tenth * 10}%)${done < total ? `, about ${duration(leftMs)} left` : ""}\n`);
    }
  }

  return {
    show,
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
