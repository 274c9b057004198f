/** The host's own end of a run: its deadline and the caller's signal, whatever the guest does. */
import type { RunOptions } from "../../../contract/index.ts";

/**
 * Calls `stop` when the wall time and the grace are over, or when the caller aborts (at once, if it already has).
 * Returns a function that ends the watch.
 */
export function guardRun(
  { wallTimeMs, signal }: Pick<RunOptions, "wallTimeMs" | "signal">,
  graceMs: number,
  stop: (limit: "wallTime" | "aborted") => void,
): () => void {
  const abort = () => stop("aborted");
  // In two steps: when the host itself was busy past the deadline, the guest's answer is read before it is judged.
  let timer = setTimeout(() => {
    timer = setTimeout(() => stop("wallTime"), graceMs);
  }, wallTimeMs);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
}
