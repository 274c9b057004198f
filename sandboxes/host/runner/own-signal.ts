/** Signals that end a process which is the program's. */
import { constants } from "node:os";
import type { RunnerEnd } from "./box.ts";

/** Some have two names, the usual one first. */
const names = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/**
 * The signal that a program ended its own process with: by a crash (SIGSEGV, SIGBUS, SIGABRT ...) or by sending it. SIGKILL
 * is not among them, for it may be the kernel's or an operator's. A shell between reports a signal as 128 and its number,
 * so that an exit code like that counts as the signal on every backend.
 */
export function ownSignal({ code, signal }: Pick<RunnerEnd, "code" | "signal">): string | undefined {
  const number = code === null ? Number(/^signal (\d+)$/.exec(signal ?? "")?.[1]) : code - 128;
  const name = code === null && signal !== null && signal in constants.signals ? signal : names.get(number);
  return name === "SIGKILL" ? undefined : name;
}
