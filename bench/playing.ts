/**
 * Preparing, playing and storing, for programs outside this project. Each part is loaded when it is first called: every
 * configuration imports this package, in every server process of its own too, and few of them play.
 */
import type { Job, RunHost } from "../contract/index.ts";
import type { HostOptions } from "./host.ts";
import type { PlayedJob } from "./run/play-jobs.ts";
import type { Player } from "./run/player.ts";
import type * as Prepare from "./run/prepare.ts";
import type * as Store from "./run/store.ts";

/** This process and machine. Rejects with CONFIG for a configuration that cannot be used. */
export async function createHost(options: HostOptions = {}): Promise<RunHost> {
  return (await import("./host.ts")).createHost(options);
}

/** What `config` asks for, planned, with everything that it is played with open: close it. All refusals are made here. */
export const prepare: typeof Prepare.prepare = async (...given) => (await import("./run/prepare.ts")).prepare(...given);

/** The same for jobs that another process made: what they name is opened, and nothing is planned. */
export const prepareJobs: typeof Prepare.prepareJobs = async (...given) =>
  (await import("./run/prepare.ts")).prepareJobs(...given);

/** A run's folder: locked, and resumed where it was left. Close it. */
export const openStore: typeof Store.openStore = async (...given) => (await import("./run/store.ts")).openStore(...given);

/** Plays jobs in their order. A cell that fails is a record; a job that cannot be played here throws JOB before the first. */
export async function* play(jobs: readonly Job[], player: Player): AsyncGenerator<PlayedJob, void, undefined> {
  yield* (await import("./run/play-jobs.ts")).play(jobs, player);
}
