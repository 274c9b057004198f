/** Pure: what is measured, how often, in which order. Backends alternate, so that a busy minute slows all alike. */

import {
  type BenchedBackend,
  type BenchedSandbox,
  type BenchInfo,
  floorId,
  type Job,
} from "../../contract/sandbox-measurement.ts";
import { random } from "../../fixtures/random.ts";

/** Calls in one session: enough samples for the tail of a round trip. */
export const callsPerSession = 1_000;
/** Requests in one session with egress. */
export const requestsPerSession = 200;
/** Programs of one load job, at least; three jobs give the 100 that a p99 needs. */
export const programsPerLoad = 40;

/** How many of each job for `samples` sessions: a round trip job holds a thousand samples, a load job some forty. */
function repetitions(samples: number): { readonly roundTrip: number; readonly load: number; readonly leak: number } {
  return { roundTrip: Math.ceil(samples / 5), load: Math.ceil(samples / 10), leak: Math.ceil(samples / 3) };
}

/** Those of `asked` that the backend declares to hold. A pool's own sessions do not count: a pool is not under load. */
function sessionCounts({ maxSessions }: Pick<BenchedBackend, "maxSessions">, asked: readonly number[]): number[] {
  return asked.filter((sessions) => sessions <= maxSessions);
}

/**
 * Every job in the order in which it is done. First opens and first executions come first, in seeded order: they are what
 * a process pays once, and every later job needs them done. The rest is shuffled as a whole. Same arguments, same order.
 */
export function planJobs(
  sandboxes: readonly BenchedSandbox[],
  { samples, pool, sessions, orderSeed, egress }: BenchInfo["config"],
): readonly Job[] {
  const { shuffle } = random(orderSeed, "sandbox bench order");
  const job = ({ id }: BenchedSandbox, kind: Job["kind"], count: number | null = null): Job => ({
    sandbox: id,
    kind,
    sessions: count,
  });
  const times = (count: number, item: Job): Job[] => Array.from({ length: count }, () => item);
  const often = repetitions(samples);
  const rest = sandboxes.flatMap((sandbox) => {
    const roundTrips = times(often.roundTrip, job(sandbox, "round-trip"));
    if (sandbox.kind === "executor") return [...times(samples, job(sandbox, "execution")), ...roundTrips];
    return [
      ...times(samples, job(sandbox, "session")),
      ...roundTrips,
      ...(sandbox.stopsBusyLoop ? times(samples, job(sandbox, "stop")) : []),
      ...sessionCounts(sandbox, sessions).flatMap((count) => times(often.load, job(sandbox, "load", count))),
      ...(egress && sandbox.id !== floorId ? times(often.roundTrip, job(sandbox, "egress-trip")) : []),
      ...(pool === null
        ? []
        : [
            ...times(samples, job(sandbox, "pooled-start")),
            ...times(sandbox.id === floorId ? 0 : often.leak, job(sandbox, "pool-leak")),
          ]),
    ];
  });
  const firsts = sandboxes.map((sandbox) => job(sandbox, sandbox.kind === "executor" ? "first-execution" : "first-open"));
  return [...shuffle(firsts), ...shuffle(rest)];
}
