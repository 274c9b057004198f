/**
 * Machines whose guest shares this thread's V8 isolate with the code that serves it: the controls. Jobs are the event
 * loop's, and nothing here can stop a guest that computes; the host ends the thread.
 */
import process from "node:process";
import type { Guest } from "../../guest/contract.ts";
import type { RealmInvoke } from "../../guest/realm-contract.ts";
import type { EngineFactory, Machine, MachineHost } from "../engine/machine.ts";
import { realmInvoke } from "./invoke.ts";

// Taken now: in a plain worker the guest has the same global object.
const { setImmediate } = globalThis;
const jobs = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Begins a realm's first code with `invoke` as its `__realm`. Returns what takes the guest's driver out, once it is there. */
export type OpenRealm = (invoke: RealmInvoke) => () => Guest | undefined;

/** Rounds of the event loop in which a realm must have loaded its guest code. */
const mostRounds = 1000;

export const nodeEngine =
  (openRealm: OpenRealm, parts: readonly string[]): EngineFactory =>
  async (host: MachineHost) => {
    let lost: { readonly reason: unknown } | undefined;
    const lose = (reason: unknown) => {
      lost ??= { reason };
    };
    process.on("unhandledRejection", lose);
    process.on("uncaughtException", lose);

    return {
      isApart: false,
      async make(): Promise<Machine> {
        const take = openRealm(realmInvoke(host, parts));
        let guest: Guest | undefined;
        for (let round = 0; guest === undefined && round < mostRounds; round++) {
          await jobs();
          guest = take();
        }
        if (guest === undefined) throw new Error(`the guest runtime does not start: ${String(lost?.reason)}`);
        const { start, reply, waited, turn, fail } = guest;
        return {
          start,
          reply,
          waited,
          turn,
          runJobs: jobs,
          failLost() {
            if (lost !== undefined) fail(lost.reason);
            lost = undefined;
          },
          memoryBytes: () => null,
          release() {
            lost = undefined;
          },
        };
      },
      endOf(error) {
        const { name, message } = error as Error;
        return { status: "broken", reason: `${name}: ${message}` };
      },
      isOutOfMemory: () => false,
    };
  };
