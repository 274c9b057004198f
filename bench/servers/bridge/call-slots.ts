/** Slots for calls in flight, with a waiting queue in arrival order. Taking a free slot costs no promise. */

export interface CallSlots {
  /** Takes a slot if one is free and nobody waits. */
  take(): boolean;
  /** Waits for a slot and takes it; `false`, without a slot, once the signal aborted. */
  wait(signal?: AbortSignal): Promise<boolean>;
  release(): void;
}

export function callSlots(count: number): CallSlots {
  let free = count;
  // A Set keeps arrival order and lets an aborted waiter leave from the middle.
  const waiting = new Set<() => void>();
  return {
    take() {
      if (free <= 0) return false;
      free -= 1;
      return true;
    },
    wait(signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) {
          resolve(false);
          return;
        }
        const onAbort = () => {
          waiting.delete(go);
          resolve(false);
        };
        const go = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve(true);
        };
        waiting.add(go);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    release() {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      // The slot goes to the first that waits, so a newcomer cannot overtake.
      waiting.delete(next);
      next();
    },
  };
}
