/** `sandboxes`: what each backend costs in time and memory, measured side by side; or, with --prove, what it keeps to. */
import type { BenchInfo } from "../../../contract/sandbox-measurement.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Arguments, Syntax } from "../flags.ts";

const syntax: Syntax = {
  command: "sandboxes",
  positionals: "",
  maxPositionals: 0,
  flags: [
    { name: "sandbox", value: "ID", repeats: true, summary: "only this one (all that can run); !ID leaves it out" },
    { name: "samples", value: "N", summary: "sessions of each for every figure (30)" },
    { name: "pool", value: "N", summary: "also from a pool that keeps N sessions ready" },
    { name: "sessions", value: "N,N", repeats: true, summary: "so many at once (1,8,32,100)" },
    { name: "order-seed", value: "N", summary: "seed of the order of jobs (1)" },
    { name: "memory", value: "BYTES", summary: "memory of a session (256MiB)" },
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
    const { resolve } = await import("node:path");
    const { makeRunTemp, removeRunTemp } = await import("../../../machine/run-temp.ts");
    const { listenForInterrupt } = await import("../interrupt.ts");
    const { chooseSandboxes } = await import("./sandbox-choice.ts");
    const { commaSeparated } = await import("../../../contract/flags/values.ts");
    const { runIdOf } = await import("../../run/run-info.ts");
    const config = await readConfig(args);
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
      const choice = { wanted: commaSeparated(args.all("sandbox")), withFloor: !proving };
      const chosen = await chooseSandboxes(registries, choice, { env, platform, now, tmpDir, nodePath });
      const made = [...chosen.available.map(({ sandbox }) => sandbox), ...chosen.executors.available];
      dispose = () => Promise.all(made.map((one) => one.dispose()));
      const json = args.has("json");
      const asked = { cli, json, quiet: json || args.has("quiet"), outDir, chosen, signal: interrupt.signal };
      const failed = proving
        ? await (await import("./sandboxes-prove.ts")).proveAll({ ...asked, tmpDir })
        : await (await import("./sandboxes-measure.ts")).measureAll({ ...asked, config, id, startedAt });
      return interrupt.exitCode() ?? (failed ? 1 : 0);
    } finally {
      interrupt.stop();
      await dispose().finally(() => removeRunTemp(tmpDir));
    }
  },
};

async function readConfig(args: Arguments): Promise<BenchInfo["config"]> {
  const { commaSeparated, memoryBytes, wholeNumber } = await import("../../../contract/flags/values.ts");
  const number = (flag: string, minimum: number, otherwise: number) => {
    const text = args.last(flag);
    return text === undefined ? otherwise : wholeNumber(flag, text, minimum);
  };
  const sessions = commaSeparated(args.has("sessions") ? args.all("sessions") : ["1,8,32,100"]);
  return {
    samples: number("samples", 1, 30),
    pool: args.has("pool") ? number("pool", 1, 1) : null,
    sessions: [...new Set(sessions.map((text) => wholeNumber("sessions", text, 1)))].sort((a, b) => a - b),
    orderSeed: number("order-seed", 0, 1),
    memoryBytes: memoryBytes("memory", args.last("memory") ?? "256MiB"),
  };
}
