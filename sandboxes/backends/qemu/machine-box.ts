/** A box that is a virtual machine: its runners, one after another, talk on the same port, and a marker separates them. */
import { randomBytes, randomInt } from "node:crypto";
import { constants } from "node:os";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { boxFailure, type RunnerBox, type RunnerEnd } from "../../host/runner/box.ts";
import { type Channel, type Ready, readyMessage, runnerChannel } from "../../host/runner/channel.ts";
import { cpioArchive } from "./archive.ts";
import type { FirstRunner } from "./engine.ts";
import { controlLine, type Machine } from "./machine.ts";
import type { Snapshot } from "./snapshot.ts";
import { endLine, nextLine, setLine, waitingLine } from "./supervisor.ts";

/** Milliseconds until a machine is the session's: under emulation a boot takes several seconds, more on a busy host. */
const readyMs = 60_000;
/** Milliseconds that the next runner may take to report how the one before ended. */
const aftermathMs = 20_000;
/** Largest `--random-seed`; 0 would mean no seed. */
const greatestSeed = 2 ** 31 - 1;

const unknownEnd: RunnerEnd = { code: null, signal: null, errorText: "", outOfMemory: false };

interface Runner {
  /** From 1 on. */
  readonly number: number;
  readonly channel: Channel;
  readonly ready: Promise<Ready>;
  /** Its process is gone. */
  readonly closed: Promise<void>;
  readonly input: PassThrough;
  close(): void;
}

export interface MachineBoxOptions {
  readonly sandbox: string;
  readonly machine: Machine;
  readonly firstRunner: FirstRunner;
  /** The snapshot that it starts from; absent: it boots. */
  readonly snapshot?: Pick<Snapshot, "ready">;
  readonly archive: readonly Uint8Array[];
}

/** Files below `servers/` and `data/`, which are mounted read-only in the machine. */
export function sessionArchive(files: ReadonlyMap<string, string | Uint8Array>): Uint8Array[] {
  return cpioArchive(
    new Map([...files].map(([path, content]) => [path, { bytes: typeof content === "string" ? Buffer.from(content) : content }])),
  );
}

/** Gives a machine its session's time, random numbers and files. Rejects with SANDBOX_UNAVAILABLE; the machine is gone then. */
export async function machineBox(options: MachineBoxOptions): Promise<RunnerBox> {
  const { sandbox, machine, firstRunner, snapshot, archive } = options;
  const marker = Buffer.from(`#${randomBytes(24).toString("hex")}`);
  let destroyed: Promise<void> | undefined;
  const destroy = (): Promise<void> => {
    machine.kill();
    destroyed ??= machine.ended.then(() => undefined);
    return destroyed;
  };

  let current = nextOf(machine, 1, snapshot?.ready);
  let following = Promise.withResolvers<Runner>();
  const split = markerSplitter(
    marker,
    (bytes) => void current.input.write(bytes),
    () => {
      const before = current;
      current = nextOf(machine, before.number + 1);
      machine.runner.write(`\n${nextLine}\n`);
      const told = following;
      following = Promise.withResolvers<Runner>();
      told.resolve(current);
      before.close();
    },
  );
  machine.runner.on("data", split);

  const gone = machine.ended.then((errorText) => {
    throw boxFailure(sandbox, `its virtual machine ended: ${errorText || "something outside ended it"}`);
  });
  gone.catch(() => undefined);
  const settle = async () => {
    // What is sent before the port is open is lost.
    if (firstRunner === "with-machine") await current.ready;
    else if (snapshot === undefined) await controlLine(machine, waitingLine);
    const set = controlLine(machine, setLine);
    const seconds = Math.round(Date.now() / 1000);
    const bytes = archive.reduce((sum, chunk) => sum + chunk.length, 0);
    machine.control.write(`${marker} ${seconds} ${randomBytes(32).toString("hex")} ${bytes}\n`);
    for (const chunk of archive) machine.control.write(chunk);
    await set;
    if (firstRunner === "with-machine") current.channel.send({ type: "restored", randomSeed: randomInt(1, greatestSeed) });
  };
  try {
    await inTime(sandbox, Promise.race([settle(), gone]));
  } catch (error) {
    await destroy();
    throw error;
  }

  const first = current;
  let upcoming = Promise.resolve(first);
  const aftermath = async (before: Ready, next: Promise<Runner>): Promise<RunnerEnd> => {
    const waiting = new AbortController();
    const told = next.then(({ ready }) => ready).then((ready) => endOf(before, ready));
    const ended = machine.ended.then((errorText) => ({ ...unknownEnd, signal: "the end of its virtual machine", errorText }));
    const late = delay(aftermathMs, unknownEnd, { signal: waiting.signal }).catch(() => unknownEnd);
    return Promise.race([told, ended, late]).finally(() => waiting.abort());
  };

  return {
    async nextRunner() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      const runner = await Promise.race([upcoming, gone]);
      const ready = await Promise.race([runner.ready, gone]);
      const next = following.promise;
      upcoming = next;
      return {
        send(message) {
          // A message that is sent too late would reach the next runner.
          if (current === runner) runner.channel.send(message);
        },
        listen: runner.channel.listen,
        unsentBytes: () => machine.runner.writableLength,
        ended: Promise.race([runner.closed, machine.ended]).then(() => aftermath(ready, next)),
        async release() {
          // By its supervisor: the program may have reported its end itself, and compute on.
          if (current === runner) machine.control.write(endLine(runner.number));
        },
      };
    },
    residentBytes: machine.residentBytes,
    destroy,
  };
}

function nextOf(machine: Machine, number: number, restored?: Ready): Runner {
  const input = new PassThrough();
  const closed = Promise.withResolvers<void>();
  const channel = runnerChannel(input, machine.runner);
  const ready = restored === undefined ? readyMessage(channel) : Promise.resolve(restored);
  return { number, channel, ready, closed: closed.promise, input, close: closed.resolve };
}

/** How the runner ended before the one that says `ready`. */
function endOf(before: Ready, { previous, outOfMemoryKills }: Ready): RunnerEnd {
  if (previous === null) return unknownEnd;
  // A shell reports a signal as 128 and its number. An engine that gives up aborts itself, and its stderr says why.
  const killed = previous.code > 128 && previous.code !== 128 + constants.signals.SIGABRT;
  return {
    code: killed ? null : previous.code,
    signal: killed ? `signal ${previous.code - 128}` : null,
    errorText: previous.errorText,
    outOfMemory: (outOfMemoryKills ?? 0) > (before.outOfMemoryKills ?? 0),
  };
}

/** Hands on every byte but the marker. Only what may be its beginning waits for the next chunk. */
export function markerSplitter(marker: Buffer, onBytes: (bytes: Buffer) => void, onMarker: () => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let at = rest.indexOf(marker); at !== -1; at = rest.indexOf(marker)) {
      if (at > 0) onBytes(rest.subarray(0, at));
      onMarker();
      rest = rest.subarray(at + marker.length);
    }
    const from = beginningAtEnd(rest, marker);
    held = Buffer.from(rest.subarray(from));
    if (from > 0) onBytes(rest.subarray(0, from));
  };
}

/** Where a beginning of `marker` starts that ends `bytes`; the length of `bytes` if there is no such end. */
function beginningAtEnd(bytes: Buffer, marker: Buffer): number {
  const earliest = Math.max(0, bytes.length - marker.length + 1);
  for (let at = bytes.indexOf(marker.subarray(0, 1), earliest); at !== -1; at = bytes.indexOf(marker.subarray(0, 1), at + 1)) {
    if (bytes.subarray(at).equals(marker.subarray(0, bytes.length - at))) return at;
  }
  return bytes.length;
}

async function inTime<T>(sandbox: string, promise: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = delay(readyMs, undefined, { signal: waiting.signal }).then(() => {
    throw boxFailure(sandbox, `its virtual machine was not ready in ${readyMs} ms`);
  });
  late.catch(() => undefined);
  return Promise.race([promise, late]).finally(() => waiting.abort());
}
