/** `serve`: one mock server for any MCP client, over the state that a scenario begins with. */

import { BenchError } from "../../../contract/errors.ts";
import { type Flag, type FlagTable, last, readFlags } from "../../../contract/flags/flag.ts";
import { select } from "../../../contract/flags/selection.ts";
import { oneOf, wholeNumber } from "../../../contract/flags/values.ts";
import type { Registries, Scenario, WorldServer } from "../../../contract/index.ts";
import { serveHttp } from "../../../mock-mcp-servers/lib/http.ts";
import { serveStdio } from "../../../mock-mcp-servers/lib/stdio.ts";
import { answerStateRequest } from "../../../mock-mcp-servers/stdio/state-channel.ts";
import { terminalText } from "../../../reports/escape.ts";
import { parameterSets } from "../../run/parameters.ts";
import type { CliProcess, ExitCode } from "../cli-process.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";

const serveTransports = ["stdio", "http"] as const;

interface ServeSettings {
  readonly transport: (typeof serveTransports)[number];
  readonly port: number;
  readonly host: string;
  /** `undefined`: the first that has the server. */
  readonly scenario: string | undefined;
  readonly seed: number;
  readonly params: readonly string[];
}

const flags: FlagTable<ServeSettings> = {
  transport: {
    ...{ name: "transport", value: "ID", summary: "stdio, http", default: "stdio" },
    read: last((name, text) => oneOf(name, text, serveTransports)),
  },
  port: { name: "port", value: "N", summary: "http: where to listen; 0: any that is free", default: "0", read: last(portNumber) },
  host: { name: "host", value: "ADDRESS", summary: "http: address to listen on", default: "127.0.0.1", read: last(oneAddress) },
  scenario: {
    ...{ name: "scenario", value: "ID", summary: "whose world (the first that has the server)" },
    read: (given) => given.at(-1),
  },
  seed: {
    ...{ name: "seed", value: "N", summary: "seed of the world", default: "1" },
    read: last((name, text) => wholeNumber(name, text, 0)),
  },
  params: { name: "param", value: "NAME=VALUE", repeats: true, summary: "a parameter of the scenario", read: (given) => given },
};

const syntax: Syntax = {
  command: "serve",
  positionals: "SERVER",
  maxPositionals: 1,
  flags: [...Object.values<Flag>(flags), configFlag],
  example: "mcp-code-bench serve slack --transport http --port 3000",
  notes: [
    "Over stdio, stdout carries nothing but the protocol, and the server ends with",
    "its client. Over HTTP the address is printed on stderr. Ctrl-C and SIGTERM end",
    "it. There is no authentication: whoever reaches it can read and write.",
  ],
};

export const serveCommand: Command = {
  syntax,
  async run(args, cli) {
    const registries = await configuredRegistries(args, cli);
    const settings = readFlags(flags, args.all);
    const { scenario, server } = await openServer(args.positionals[0], settings, cli, registries);
    try {
      const { instance } = server;
      if (instance === undefined) throw new TypeError(`${server.name} brings its own transport.`);
      cli.stderr.write(`Serving ${server.name} as ${scenario} begins with it, over ${settings.transport}.\n`);
      if (settings.transport === "stdio") return await serveOverStdio(server, instance, cli);
      return await serveOverHttp(instance, settings, cli);
    } finally {
      await server.close();
    }
  },
};

type Instance = NonNullable<WorldServer["instance"]>;

async function serveOverStdio(server: WorldServer, instance: Instance, cli: CliProcess): Promise<ExitCode> {
  const service = serveStdio(instance, { ...cli.protocolStreams(), log: (line) => cli.stderr.write(`${terminalText(line)}\n`) });
  const { parent } = cli;
  if (parent !== undefined) {
    parent.onMessage((message) => void answerStateRequest(message, () => server.snapshot(), parent.send));
  }
  const stop = endOnInterrupt(cli, () => service.close());
  await service.ended;
  stop();
  parent?.disconnect();
  // A client that ended us with a signal may have left our stdin open.
  cli.protocolStreams().input.destroy();
  return 0;
}

async function serveOverHttp(instance: Instance, { host, port }: ServeSettings, cli: CliProcess): Promise<ExitCode> {
  const service = await serveHttp(instance, { host, port }).catch(async (cause: NodeJS.ErrnoException) => {
    const problem = `Cannot listen on ${host}, port ${port}: ${cause.code ?? cause.message}.`;
    throw new BenchError("USAGE", { problem, fix: "Give another --port (0: any that is free) or --host." }, { cause });
  });
  cli.stderr.write(`${service.url}\n`);
  await new Promise<void>((resolve) => {
    const stop = endOnInterrupt(cli, async () => {
      await service.close();
      stop();
      resolve();
    });
  });
  return 0;
}

/** The first signal ends the service, the second the process. Gives a function that stops listening. */
function endOnInterrupt(cli: CliProcess, end: () => Promise<void>): () => void {
  let ending: Promise<void> | undefined;
  return cli.onInterrupt((signal) => {
    if (ending !== undefined) cli.exit(signal === "SIGINT" ? 130 : 143);
    else ending = end();
  });
}

function portNumber(flag: string, text: string): number {
  const port = wholeNumber(flag, text, 0);
  if (port > 65_535) throw new BenchError("USAGE", { problem: `--${flag} ${port}: not a port.`, fix: "Give one up to 65535." });
  return port;
}

/** Requests are answered only under a name that is known; what stands for every address is no such name. */
function oneAddress(flag: string, text: string): string {
  if (!/^(0\.0\.0\.0|::|\[::\])$/.test(text)) return text;
  const fix = `Give the one address that clients use, e.g. --${flag} 127.0.0.1.`;
  throw new BenchError("USAGE", { problem: `--${flag} ${text} stands for every address.`, fix });
}

/** Makes the world and keeps the one server of it. Rejects with UNKNOWN_ID where there is none of that name. */
async function openServer(
  name: string | undefined,
  { scenario: wanted, seed, params }: ServeSettings,
  cli: CliProcess,
  { scenarios, servers }: Registries,
): Promise<{ readonly scenario: string; readonly server: WorldServer }> {
  if (name === undefined) {
    throw new BenchError("USAGE", { problem: "Name a server.", fix: `There are: ${servers.ids.join(", ")}.` });
  }
  if (wanted === undefined) select("server", [name], servers);
  const scenario = wanted === undefined ? await scenarioWith(name, scenarios, cli) : select("scenario", [wanted], scenarios)[0];
  if (scenario === undefined) {
    throw new BenchError("USAGE", { problem: `No scenario has the server ${name}.`, fix: "Name one with --scenario." });
  }
  const world = await mockServers(await scenarios.load(scenario), params, seed, cli);
  const ids = world.map((server) => server.name);
  if (ids.length === 0) {
    const fix = "Name another with --scenario: its servers are real ones, which any client can start.";
    throw new BenchError("USAGE", { problem: `Scenario "${scenario}" has no mock server.`, fix });
  }
  // A scenario that was named has to have the server, and may have one that is in no registry.
  select("server", [name], { ids, defaults: ids });
  const server = world.find((candidate) => candidate.name === name);
  if (server === undefined) throw new TypeError(`${name} was selected and is not there.`);
  await Promise.all(world.filter((other) => other !== server).map((other) => other.close()));
  return { scenario, server };
}

/** The first scenario whose world under default parameters has the server; `undefined`: none has. */
async function scenarioWith(name: string, { ids, load }: Registries["scenarios"], cli: CliProcess): Promise<string | undefined> {
  for (const id of ids) {
    const world = await mockServers(await load(id), [], 1, cli);
    await Promise.all(world.map((server) => server.close()));
    if (world.some((server) => server.name === name)) return id;
  }
  return undefined;
}

async function mockServers(
  scenario: Scenario,
  given: readonly string[],
  seed: number,
  { tmpDir, nodePath }: CliProcess,
): Promise<WorldServer[]> {
  const named = given.map((text) => text.split("=")[0]);
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) throw new BenchError("USAGE", { problem: `--param ${twice} is given twice.`, fix: "Give one value." });
  const [params = {}] = parameterSets([scenario], given).get(scenario.id) ?? [];
  const { servers } = await scenario.world(params, seed, { tmpDir, nodePath });
  return servers.filter((server) => server.instance !== undefined);
}
