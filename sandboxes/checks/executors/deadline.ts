/** The host's own end of an execution. */

/** Milliseconds past its own time-out after which the host ends an executor: its own end may come late on a busy machine. */
const hostGraceMs = 5_000;

/** What `work` gives, or `late()` once the executor's time-out and the host's grace are over. */
export async function within<T>(timeoutMs: number, work: Promise<T>, late: () => T): Promise<T> {
  const over = Promise.withResolvers<T>();
  const timer = setTimeout(() => over.resolve(late()), timeoutMs + hostGraceMs);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
