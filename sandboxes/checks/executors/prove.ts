/** Runs the core suite on one peer outside a test runner, and says how each check ended. */
import type { Executor } from "../../../contract/index.ts";
import { executorChecks, runPeerCheck } from "./checks.ts";

export interface PeerProof {
  readonly id: string;
  readonly title: string;
  /** `expected-failure` and `unexpected-pass`: of a check that the peer is known to miss. */
  readonly status: "passed" | "failed" | "expected-failure" | "unexpected-pass";
  /** What came instead, for one that did not pass; may quote a program. */
  readonly message: string | null;
  /** Why the peer is known to miss it; `null`: it is not. */
  readonly reason: string | null;
}

/** Yields one result a check. Whoever stops early leaves nothing running but the peer. `now`: milliseconds, monotonic. */
export async function* provePeer(peer: Executor, now: () => number): AsyncGenerator<PeerProof> {
  for (const check of executorChecks) yield { id: check.id, title: check.title, ...(await ended(peer, check, now)) };
}

async function ended(...check: Parameters<typeof runPeerCheck>): Promise<Pick<PeerProof, "status" | "message" | "reason">> {
  try {
    const { passed, found = null, expectedFailure: reason = null } = await runPeerCheck(...check);
    if (passed) return { status: reason === null ? "passed" : "unexpected-pass", message: null, reason };
    return { status: reason === null ? "failed" : "expected-failure", message: found, reason };
  } catch (error) {
    // An executor that cannot start fails every check, also one that it is known to miss.
    return { status: "failed", message: error instanceof Error ? error.message : String(error), reason: null };
  }
}
