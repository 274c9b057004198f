/** Plays jobs, one after the other. It knows no folder, no lock and no report. */
import { isDeepStrictEqual } from "node:util";
import {
  BenchError,
  type CellRecord,
  isBenchError,
  type Job,
  type JobContents,
  type SavedTranscript,
} from "../../contract/index.ts";
import { playCell } from "../play/cell.ts";
import type { CellSetting } from "../play/setting.ts";
import type { Player } from "./player.ts";
import { profilesOf } from "./profiles.ts";

/** What a job became. */
export interface PlayedJob {
  readonly job: Job;
  readonly record: CellRecord;
  /** Present when the conversations came to their end. */
  readonly saved?: SavedTranscript;
}

/**
 * The jobs' cells in the order given, each as it ends. A cell that fails is a record. Ends early, without an error and
 * without a record of what was being played, when the player's signal ends it. The player stays open.
 *
 * Throws JOB, before anything is played, for a job of another version or other contents, or one that names what the
 * player has not loaded.
 */
export async function* play(jobs: readonly Job[], player: Player): AsyncGenerator<PlayedJob, void, undefined> {
  for (const job of jobs) checkJob(job, player);
  for (const job of jobs) {
    if (player.host.signal.aborted) return;
    const setting = await settingOf(job, player);
    const played = await playCell(job.key, setting).catch((error: unknown) => {
      if (isBenchError(error, "ABORTED")) return undefined;
      throw error;
    });
    if (played === undefined) return;
    if (job.key.sandbox !== null) player.opened.add(job.key.sandbox);
    yield { job, ...played };
  }
}

async function settingOf(job: Job, player: Player): Promise<CellSetting> {
  const { scenario, mode, model, sandbox, counters } = partsOf(job, player);
  const { key, serialisations, limits, transport, enforceWindow } = job;
  const { host, opened } = player;
  return {
    ...{ scenario, mode, model, counters, serialisations, limits, enforceWindow },
    agents: host.registries.agents,
    machine: host.machine.id,
    ...(sandbox === undefined ? {} : { sandbox }),
    firstOpen: key.sandbox !== null && !opened.has(key.sandbox),
    extraServers: await player.extraServers(key, scenario),
    profiles: profilesOf(job.profile),
    transport: { transport, serveFlags: host.configuration === null ? [] : [`--config=${host.configuration.file}`] },
    host: { tmpDir: host.tmpDir, nodePath: host.nodePath },
    now: host.now,
    signal: host.signal,
  };
}

/** Throws JOB for one that is not loaded. */
function partsOf({ key, counters }: Job, player: Player) {
  const { scenarios, modes, models, sandboxes, echo } = player;
  const controls = echo === undefined ? [] : [[echo.id, echo] as const];
  return {
    scenario: loaded("scenario", key.scenario, scenarios),
    mode: loaded("mode", key.mode, new Map([...controls, ...modes])),
    model: loaded("model", key.model, models),
    ...(key.sandbox === null ? {} : { sandbox: loaded("sandbox", key.sandbox, sandboxes) }),
    counters: counters.map((id) => loaded("counter", id, player.counters)),
  };
}

function loaded<T>(kind: string, id: string, parts: ReadonlyMap<string, T>): T {
  const part = parts.get(id);
  if (part !== undefined) return part;
  throw new BenchError("JOB", {
    problem: `it names the ${kind} ${id}, which was not prepared here`,
    fix: "Prepare with it: prepareJobs([job], host).",
  });
}

/** What each content is called, and what to do where it is another one. */
const contents: { readonly [K in keyof JobContents]: { readonly noun: string; readonly fix: string } } = {
  configuration: {
    noun: "configuration",
    fix: "Give createHost the configFile that it was made with, all that it imports unchanged; or none if it had none.",
  },
  catalogue: {
    noun: "catalogue",
    fix: "Give prepareJobs the catalogue file that it was made with, its servers listing the same tools; or none if it had none.",
  },
  profiles: {
    noun: "set of profiles",
    fix: "Play it with the build of mcp-code-bench that made it, or prepare the run again with this one.",
  },
};

function checkJob(job: Job, player: Player): void {
  if (job.version !== player.version) {
    throw new BenchError("JOB", {
      problem: `mcp-code-bench ${job.version} made it, and this is ${player.version}`,
      fix: `Install mcp-code-bench@${job.version} where it is played, or prepare the run again with this version.`,
    });
  }
  for (const name of ["configuration", "catalogue", "profiles"] as const) {
    const [asked, has] = [job.contents[name], player.contents[name]];
    if (asked === has) continue;
    const { noun, fix } = contents[name];
    throw new BenchError("JOB", { problem: `its ${noun} is ${shown(asked)}, and here is ${shown(has)}`, fix });
  }
  profilesOf(job.profile);
  checkValues(job, player);
}

/** A plan gives only values that the parts have; a job from elsewhere may hold any. */
function checkValues({ key, ...job }: Job, player: Player): void {
  const { scenario, mode, sandbox } = partsOf({ key, ...job }, player);
  const { data } = scenario.params.safeParse(key.params);
  const languages: readonly (string | null)[] = mode.sandbox?.languages ?? [null];
  const policies: readonly (string | null)[] = mode.policies.length === 0 ? [null] : mode.policies;
  const spoken: readonly (string | null)[] = sandbox?.languages ?? [null];
  const fits = {
    params: data !== undefined && isDeepStrictEqual(data, key.params),
    policy: policies.includes(key.policy),
    outputSchemas: (key.outputSchemas !== null) === mode.showsOutputSchemas,
    language: languages.includes(key.language),
    sandbox: spoken.includes(key.language),
  };
  const wrong = (Object.keys(fits) as (keyof typeof fits)[]).find((name) => !fits[name]);
  if (wrong === undefined) return;
  throw new BenchError("JOB", {
    problem: `its ${wrong}, ${JSON.stringify(key[wrong])}, is not one that ${key.scenario} can be played with in ${key.mode}`,
    fix: "Send it as prepare made it.",
  });
}

function shown(hash: string | null): string {
  return hash === null ? "none" : `the one with hash ${hash.slice(0, 12)}`;
}
