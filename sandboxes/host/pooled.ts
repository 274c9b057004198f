/**
 * Any backend with sessions opened ahead, so that an `open` waits only for what is left to do. It is a backend itself,
 * and hands out the other backend's sessions as they are. A session has one user: it is never given back to the pool, so
 * nothing that a user left in it can reach the next one.
 */
import { BenchError, type OpenOptions, type Sandbox, type Session } from "../../contract/index.ts";

/**
 * Milliseconds from handing a session out to opening the next one ahead. Opening takes the same processors, and the
 * user's first program goes first.
 */
const refillDelayMs = 50;

export interface PooledSandbox extends Sandbox {
  /** Fills the pool with sessions of these options. Resolves when it is full, or cannot be filled. */
  prepare(options: OpenOptions): Promise<void>;
  /** Closes the waiting sessions; the next `open` or `prepare` fills the pool again. */
  empty(): Promise<void>;
}

/**
 * Keeps `size` sessions open for the options of the last `open` or `prepare`.
 *
 * A waiting session fits an `open` with the same language, memory, data folders, and the same `files` and `egress`: the same
 * objects, since what a backend was given does not change. Any other `open` is a cold one, passes its errors on, and
 * empties the pool, which then keeps sessions like it. Waiting sessions count among those that the backend holds, so
 * `maxSessions` is less by `size`.
 *
 * A session that could not be opened ahead is tried again at the next `open`. One that dies while it waits is found by
 * its user, as SANDBOX_UNAVAILABLE.
 *
 * Owns `sandbox`: `dispose` ends it too.
 */
export function pooled(sandbox: Sandbox, size: number): PooledSandbox {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`A pool of ${size} sessions cannot be.`);
  let kept: OpenOptions | undefined;
  let stopFilling = new AbortController();
  let disposed = false;
  let refill: NodeJS.Timeout | undefined;
  const ready: Session[] = [];
  const opening = new Set<Promise<void>>();

  function fill(): void {
    clearTimeout(refill);
    refill = undefined;
    if (kept === undefined || disposed) return;
    const options = { ...kept, signal: stopFilling.signal };
    while (ready.length + opening.size < size) {
      const attempt = openAhead(options).finally(() => opening.delete(attempt));
      opening.add(attempt);
    }
  }

  async function openAhead(options: OpenOptions & { readonly signal: AbortSignal }): Promise<void> {
    // An `open` of such a session reports the error.
    const session = await sandbox.open(options).catch(() => undefined);
    if (session === undefined) return;
    if (options.signal.aborted) await session.close();
    else ready.push(session);
  }

  async function empty(): Promise<void> {
    clearTimeout(refill);
    refill = undefined;
    stopFilling.abort();
    stopFilling = new AbortController();
    await Promise.all([...ready.splice(0).map((session) => session.close()), ...opening]);
  }

  async function keep({ signal: _caller, ...options }: OpenOptions): Promise<void> {
    if (kept !== undefined && fits(kept, options)) return;
    kept = options;
    await empty();
  }

  return {
    ...sandbox,
    title: `${sandbox.title}, ${size} sessions opened ahead`,
    configuration: { ...sandbox.configuration, pooledSessions: size },
    maxSessions: Math.max(1, sandbox.maxSessions - size),
    async open(options) {
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      await keep(options);
      const session = ready.shift();
      refill ??= setTimeout(fill, refillDelayMs);
      return session ?? (await sandbox.open(options));
    },
    async prepare(options) {
      await keep(options);
      fill();
      await Promise.all(opening);
    },
    empty,
    async dispose() {
      disposed = true;
      await empty();
      await sandbox.dispose();
    },
  };
}

function fits(a: OpenOptions, b: OpenOptions): boolean {
  const data = ({ data: folders = [] }: OpenOptions) => JSON.stringify(folders.map(({ name, path }) => [name, path]));
  const same = (["language", "files", "memoryBytes", "egress"] as const).every((option) => a[option] === b[option]);
  return same && data(a) === data(b);
}
