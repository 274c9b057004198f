/** From what is asked for to what can be played. Everything that can be refused is refused here. */
import type { Job, RunConfig, RunHost, RunInfo } from "../../contract/index.ts";
import { random } from "../../fixtures/random.ts";
import { jobSettings, jobsOf } from "./jobs.ts";
import { plan } from "./plan.ts";
import { openPlayer, type Player } from "./player.ts";
import { profilesOf } from "./profiles.ts";
import { runInfo } from "./run-info.ts";
import { checkWorlds } from "./worlds.ts";

/** A run that can be played. The caller closes it, whether it was played or not. */
export interface Prepared extends Player {
  readonly run: RunInfo;
  /** In the order in which they are played. */
  readonly jobs: readonly Job[];
}

/**
 * Loads what `config` names, finds out what can run here, and plans.
 *
 * Rejects as `openPlayer` does, and for parameters out of range, a selection that leaves nothing, and tool counts below
 * what a scenario brings. Nothing is left open then.
 */
export async function prepare(config: RunConfig, host: RunHost): Promise<Prepared> {
  const profiles = profilesOf(config.profile);
  const player = await openPlayer(config, host);
  try {
    await checkWorlds(config, player);
    const cells = plan({
      config,
      scenarios: [...player.scenarios.values()],
      modes: [...player.modes.values()],
      models: [...player.models.keys()],
      sandboxes: [...player.sandboxes.values()],
      echo: player.echo,
      shuffle: random(config.orderSeed, "cell order").shuffle,
    });
    const { version, contents, counters } = player;
    const jobs = jobsOf(cells, jobSettings(config, { version, contents, counters: [...counters.keys()] }));
    return { ...player, run: runInfo(config, player, profiles, cells.length), jobs };
  } catch (error) {
    await player.close().catch(() => undefined);
    throw error;
  }
}

/**
 * A player for jobs that another process made: what they name is loaded, and nothing else.
 *
 * Rejects as `openPlayer` does; whether version and contents are those of the jobs is looked at when they are played.
 *
 * @param catalogue the file that the jobs' catalogue was, or `null`
 */
export async function prepareJobs(jobs: readonly Job[], host: RunHost, catalogue: string | null = null): Promise<Player> {
  const ids = (of: (job: Job) => readonly (string | null)[]) => [
    ...new Set(jobs.flatMap(of).filter((id): id is string => id !== null)),
  ];
  return openPlayer(
    {
      scenarios: ids(({ key }) => [key.scenario]),
      modes: ids(({ key }) => [key.mode]),
      models: ids(({ key }) => [key.model]),
      languages: [...new Set(jobs.flatMap(({ key }) => key.language ?? []))],
      sandboxes: ids(({ key }) => [key.sandbox]),
      counters: ids(({ counters }) => counters),
      ...{ policies: [], controls: false, catalogue, catalogueTimeoutMs: 30_000 },
    },
    host,
  );
}
