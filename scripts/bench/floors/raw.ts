/** What an adapter is held against: the same work done by hand with the raw API and the same hardening. */
import type { SandboxHost } from "../../../contract/index.ts";

export interface RawApi {
  /** Milliseconds from nothing to the result of a first trivial program; what it made is gone when it resolves. */
  cold(): Promise<number>;
  /** Milliseconds for one message of a guest, some 120 bytes, to the host and back: the mean of `calls` in a row. */
  roundTrip(calls: number): Promise<number>;
  dispose(): Promise<void>;
}

/** One file a backend in this folder, named after it. */
export interface RawFloor {
  /** The backend's id. */
  readonly id: string;
  /** What is done by hand, in a sentence. */
  readonly note: string;
  prepare(host: SandboxHost): Promise<RawApi>;
}

/** A worker thread or child process that stands ready, asked with `{ calls }`: 0 for a cold start. It answers a number at its end. */
export interface ReadyPeer {
  send(message: unknown): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  off(event: "message", listener: (message: unknown) => void): unknown;
}

/** Every text of the peer's is sent back to it, until it answers with something else. */
export const overMessages = (peer: ReadyPeer, now: () => number): Pick<RawApi, "cold" | "roundTrip"> => {
  const ask = (calls: number): Promise<unknown> =>
    new Promise((resolve) => {
      const answer = (message: unknown) => {
        if (typeof message === "string") return peer.send(message);
        peer.off("message", answer);
        resolve(message);
      };
      peer.on("message", answer);
      peer.send({ calls });
    });
  return {
    async cold() {
      const start = now();
      await ask(0);
      return now() - start;
    },
    roundTrip: async (calls) => Number(await ask(calls)),
  };
};
