/** Ctrl-C once ends what goes on in good order, twice ends the process. */
import type { CliProcess, ExitCode } from "./cli-process.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** `undefined`: nobody interrupted. */
  exitCode(): ExitCode | undefined;
  stop(): void;
}

/** `what` is what is still finished: "the cell that is playing". */
export function listenForInterrupt(cli: CliProcess, what: string): Interrupt {
  const controller = new AbortController();
  let code: 130 | 143 | undefined;
  const stop = cli.onInterrupt((signal) => {
    if (code !== undefined) {
      cli.exit(code);
      return;
    }
    code = signal === "SIGINT" ? 130 : 143;
    cli.stderr.write(`\nStopping after ${what}. Press Ctrl-C again to stop at once.\n`);
    controller.abort();
  });
  return { signal: controller.signal, exitCode: () => code, stop };
}
