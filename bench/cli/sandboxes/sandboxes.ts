/** `sandboxes`: what each backend costs in time and memory, measured side by side; or, with --prove, what it keeps to. */
import { resolve } from "node:path";
import { type Flag, type FlagTable, isGiven, last, readFlags } from "../../../contract/flags/flag.ts";
import { commaSeparated, memoryBytes, wholeNumber } from "../../../contract/flags/values.ts";
import type { BenchInfo } from "../../../contract/sandbox-measurement.ts";
import { makeRunTemp, removeRunTemp } from "../../../machine/run-temp.ts";
import { runIdOf } from "../../run/run-info.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { chooseSandboxes, withEgressAlone } from "./sandbox-choice.ts";
import { measureAll } from "./sandboxes-measure.ts";
import { proveAll } from "./sandboxes-prove.ts";

const number = (minimum: number) => last((name, text) => wholeNumber(name, text, minimum));

const settingFlags: FlagTable<BenchInfo["config"]> = {
  samples: { name: "samples", value: "N", summary: "sessions of each for every figure", default: "30", read: number(1) },
  pool: {
    ...{ name: "pool", value: "N", summary: "also from a pool that keeps N sessions ready" },
    read: (given, flag) => (given.length === 0 ? null : number(1)(given, flag)),
  },
  sessions: {
    ...{ name: "sessions", value: "N,N", repeats: true, summary: "sessions open at once", default: "1,8,32,100" },
    read: (given, { name }) =>
      [...new Set(commaSeparated(given).map((text) => wholeNumber(name, text, 1)))].sort((a, b) => a - b),
  },
  orderSeed: { name: "order-seed", value: "N", summary: "seed of the order of jobs", default: "1", read: number(0) },
  memoryBytes: { name: "memory", value: "BYTES", summary: "memory of a session", default: "256MiB", read: last(memoryBytes) },
  egress: { name: "egress", summary: "sessions that may reach a server of the harness, by its proxy", read: isGiven },
};

const syntax: Syntax = {
  command: "sandboxes",
  positionals: "",
  maxPositionals: 0,
  flags: [
    { name: "sandbox", value: "ID", repeats: true, summary: "only this one (all that can run); !ID leaves it out" },
    ...Object.values<Flag>(settingFlags),
    { name: "prove", summary: "run the conformance checks instead of measuring" },
    configFlag,
    { name: "out", value: "DIR", summary: "results folder (results/sandboxes-<id>)" },
    { name: "json", summary: "one JSON document on stdout, no progress" },
    { name: "quiet", summary: "no progress" },
  ],
  example: "mcp-code-bench sandboxes --sandbox quickjs --sandbox docker --pool 4",
  notes: [
    "The sandbox null, which runs nothing, stands beside all others as the floor.",
    "Executors of other projects (list sandboxes shows them) take part, are named and",
    "left out as sandboxes are, and are rows that say so.",
    "Ctrl-C ends after the job at hand and keeps what is there. Exits with 1 if a job",
    "failed, a declared limit was not kept, a pool's session leaked, or an executor's",
    "check did not end as expected.",
  ],
};

export const sandboxesCommand: Command = {
  syntax,
  async run(args, cli) {
    const config = readFlags(settingFlags, args.all);
    const wanted = commaSeparated(args.all("sandbox"));
    const registries = await configuredRegistries(args, cli);
    const started = cli.date();
    const startedAt = started.toISOString();
    const id = runIdOf(started);
    const outDir = resolve(cli.cwd, args.last("out") ?? `results/sandboxes-${id}`);
    const tmpDir = await makeRunTemp(cli.tmpDir);
    const { env, platform, now, nodePath } = cli;
    const proving = args.has("prove");
    const interrupt = listenForInterrupt(cli, proving ? "the check that is being run" : "the job at hand");
    let dispose = async () => undefined as unknown;
    try {
      // The floor has nothing to prove.
      const choice = { wanted, withFloor: !proving };
      const chosen = await chooseSandboxes(registries, choice, { env, platform, now, tmpDir, nodePath });
      const made = [...chosen.available.map(({ sandbox }) => sandbox), ...chosen.executors.available];
      dispose = () => Promise.all(made.map((one) => one.dispose()));
      const json = args.has("json");
      const asked = { cli, json, quiet: json || args.has("quiet"), outDir, chosen, signal: interrupt.signal };
      const failed = proving
        ? await proveAll({ ...asked, tmpDir })
        : await measureAll({ ...asked, chosen: config.egress ? withEgressAlone(chosen, wanted) : chosen, config, id, startedAt });
      return interrupt.exitCode() ?? (failed ? 1 : 0);
    } finally {
      interrupt.stop();
      await dispose().finally(() => removeRunTemp(tmpDir));
    }
  },
};
