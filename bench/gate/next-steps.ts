/** The fixes of failed checks: commands as people type them, without a full stop that would be copied. */

import type { Lock } from "./files/lockfile.ts";
import { selectionFlags } from "./selection.ts";
import { shellCommand } from "./shell-command.ts";

export interface NextSteps {
  /** For figures that are meant. */
  readonly makeBaseline: string;
  /** The baseline's selection. */
  play(lock: Lock): string;
  /** Plays the rest of an interrupted run. */
  readonly resume: string;
  /** Why cells did not pass. */
  readonly seeFailures: string;
  readonly raiseLimit: string;
}

export interface NamedFiles {
  readonly results: string;
  readonly budget: string | undefined;
  readonly baseline: { readonly name: string; readonly kind: "lockfile" | "folder" } | undefined;
}

export function createNextSteps({ results, budget, baseline }: NamedFiles): NextSteps {
  const update = ["gate", results, "--baseline", baseline?.name ?? "", "--update"];
  return {
    makeBaseline: `make this run the baseline: ${baseline?.kind === "folder" ? `give --baseline ${results} from now on` : shellCommand(update)}`,
    play: (lock) => {
      const counted = ["--counter", lock.counter, "--serialisation", lock.serialisation];
      return `Play the baseline's selection: ${shellCommand(["run", ...selectionFlags(lock.selection), ...counted])}`;
    },
    resume: `Play the rest: ${shellCommand(["run", "--resume", results])}`,
    seeFailures: `See why: ${shellCommand(["report", results])}`,
    raiseLimit: `raise the limit in ${budget ?? "the budget file"}.`,
  };
}
