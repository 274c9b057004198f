/**
 * Milliseconds after which a test gives up on what is not about time: only what hangs takes so long, however busy the
 * machine is.
 */
export const patientMs = 300_000;

/** Milliseconds of the longest attempt: no machine is so busy that a process needs as long to start and answer. */
const longestAttemptMs = 60_000;

/**
 * What `attempt` gives with the first time that is long enough for it: `firstMs`, or four times as long, and so on. For
 * checks of a time-out that has to be short, and must not end before something else has happened. Rejects with the last
 * attempt's error.
 */
export async function withEnoughTime<T>(firstMs: number, attempt: (timeoutMs: number) => Promise<T>): Promise<T> {
  for (let timeoutMs = firstMs; ; timeoutMs *= 4) {
    try {
      return await attempt(timeoutMs);
    } catch (error) {
      if (timeoutMs * 4 > longestAttemptMs) throw error;
    }
  }
}
