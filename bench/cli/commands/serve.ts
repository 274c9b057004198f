/** `serve`: one mock server for any MCP client, over the state that a scenario begins with. */

import type { Registries, Scenario, WorldServer } from "../../../contract/index.ts";
import type { CliProcess, ExitCode } from "../cli-process.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Arguments, Syntax } from "../flags.ts";

const serveTransports = ["stdio", "http"] as const;

const syntax: Syntax = {
  command: "serve",
  positionals: "SERVER",
  maxPositionals: 1,
  summary: "offer a mock server to any MCP client",
  flags: [
    { name: "transport", value: "ID", summary: "stdio (default), http" },
    { name: "port", value: "N", summary: "http: where to listen (0, any that is free)" },
    { name: "host", value: "ADDRESS", summary: "http: likewise (127.0.0.1)" },
    { name: "scenario", value: "ID", summary: "whose world (the first that has the server)" },
    { name: "seed", value: "N", summary: "seed of the world (1)" },
    { name: "param", value: "NAME=VALUE", repeats: true, summary: "a parameter of the scenario" },
    configFlag,
  ],
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
    const { oneOf } = await import("../values.ts");
    const transport = oneOf("transport", args.last("transport") ?? "stdio", serveTransports);
    const address = transport === "http" ? await readAddress(args) : undefined;
    const { scenario, server } = await openServer(args, cli, registries);
    try {
      const { instance } = server;
      if (instance === undefined) throw new TypeError(`${server.name} brings its own transport.`);
      cli.stderr.write(`Serving ${server.name} as ${scenario} begins with it, over ${transport}.\n`);
      if (address === undefined) return await serveOverStdio(server, instance, cli);
      return await serveOverHttp(instance, address, cli);
    } finally {
      await server.close();
    }
  },
};

type Instance = NonNullable<WorldServer["instance"]>;

async function serveOverStdio(server: WorldServer, instance: Instance, cli: CliProcess): Promise<ExitCode> {
  const { serveStdio } = await import("../../../mock-mcp-servers/lib/stdio.ts");
  const service = serveStdio(instance, { ...cli.protocolStreams(), log: (line) => cli.stderr.write(`${line}\n`) });
  const { parent } = cli;
  if (parent !== undefined) {
    const { answerStateRequest } = await import("../../../mock-mcp-servers/stdio/state-channel.ts");
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

async function serveOverHttp(instance: Instance, address: Address, cli: CliProcess): Promise<ExitCode> {
  const { serveHttp } = await import("../../../mock-mcp-servers/lib/http.ts");
  const service = await serveHttp(instance, address).catch(async (cause: NodeJS.ErrnoException) => {
    const { BenchError } = await import("../../../contract/errors.ts");
    const problem = `Cannot listen on ${address.host}, port ${address.port}: ${cause.code ?? cause.message}.`;
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

interface Address {
  readonly host: string;
  readonly port: number;
}

async function readAddress(args: Arguments): Promise<Address> {
  const { BenchError } = await import("../../../contract/errors.ts");
  const { wholeNumber } = await import("../values.ts");
  const host = args.last("host") ?? "127.0.0.1";
  // Requests are answered only under a name that is known, and these are no names.
  if (/^(0\.0\.0\.0|::|\[::\])$/.test(host)) {
    const fix = "Give the one address that clients use, e.g. --host 127.0.0.1.";
    throw new BenchError("USAGE", { problem: `--host ${host} stands for every address.`, fix });
  }
  const port = wholeNumber("port", args.last("port") ?? "0", 0);
  if (port > 65_535) throw new BenchError("USAGE", { problem: `--port ${port}: not a port.`, fix: "Give one up to 65535." });
  return { host, port };
}

/** Makes the world and keeps the one server of it. Rejects with UNKNOWN_ID where there is none of that name. */
async function openServer(
  args: Arguments,
  cli: CliProcess,
  { scenarios, servers }: Registries,
): Promise<{ readonly scenario: string; readonly server: WorldServer }> {
  const { BenchError } = await import("../../../contract/errors.ts");
  const { select } = await import("../../run/selection.ts");
  const { wholeNumber } = await import("../values.ts");
  const [name] = args.positionals;
  if (name === undefined) {
    throw new BenchError("USAGE", { problem: "Name a server.", fix: `There are: ${servers.ids.join(", ")}.` });
  }
  const seed = wholeNumber("seed", args.last("seed") ?? "1", 0);
  const wanted = args.last("scenario");
  if (wanted === undefined) select("server", [name], servers);
  const scenario = wanted === undefined ? await scenarioWith(name, scenarios, cli) : select("scenario", [wanted], scenarios)[0];
  if (scenario === undefined) {
    throw new BenchError("USAGE", { problem: `No scenario has the server ${name}.`, fix: "Name one with --scenario." });
  }
  const world = await mockServers(await scenarios.load(scenario), args.all("param"), seed, cli);
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
  const { BenchError } = await import("../../../contract/errors.ts");
  const { parameterSets } = await import("../../run/parameters.ts");
  const named = given.map((text) => text.split("=")[0]);
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) throw new BenchError("USAGE", { problem: `--param ${twice} is given twice.`, fix: "Give one value." });
  const [params = {}] = parameterSets([scenario], given).get(scenario.id) ?? [];
  const { servers } = await scenario.world(params, seed, { tmpDir, nodePath });
  return servers.filter((server) => server.instance !== undefined);
}
