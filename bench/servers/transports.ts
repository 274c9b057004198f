/**
 * Puts a world's mock servers on the transport that a run asks for. The verifier reads the same state under each: in this
 * process under memory and http, from the child process over a channel of its own under stdio.
 */
import { fileURLToPath } from "node:url";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { CellKey, ScenarioHost, TransportId, WorldServer } from "../../contract/index.ts";
import { type HttpService, serveHttp } from "../../mock-mcp-servers/lib/http.ts";
import { stdioServer } from "../../mock-mcp-servers/stdio/stdio-server.ts";

const program = fileURLToPath(new URL("../bin.mjs", import.meta.url));

export interface TransportChoice {
  readonly transport: TransportId;
  /** Flags without which a child process would not find the scenario, e.g. the configuration that it comes from. */
  readonly serveFlags: readonly string[];
  readonly host: ScenarioHost;
}

/** What a child process makes the same world from. */
type World = Pick<CellKey, "scenario" | "params" | "seed">;

/**
 * The same server behind `choice.transport`. A server that brings its own transport is returned as it is. Closing the
 * result closes `server`.
 */
export function overTransport(server: WorldServer, world: World, choice: TransportChoice): WorldServer {
  if (server.instance === undefined || choice.transport === server.transport) return server;
  return choice.transport === "http" ? overHttp(server, server.instance) : overStdio(server, world, choice);
}

function overHttp(server: WorldServer, instance: NonNullable<WorldServer["instance"]>): WorldServer {
  let service: HttpService | undefined;
  return {
    name: server.name,
    transport: "http",
    ...(server.modelled === undefined ? {} : { modelled: server.modelled }),
    async connect() {
      await service?.close();
      service = await serveHttp(instance);
      return new StreamableHTTPClientTransport(new URL(service.url));
    },
    snapshot: () => server.snapshot(),
    stderr: () => "",
    async close() {
      await service?.close();
      await server.close();
    },
  };
}

/** The child makes its own world. From the same parameters and seed it is the same one. */
function overStdio(server: WorldServer, { scenario, params, seed }: World, { serveFlags, host }: TransportChoice): WorldServer {
  const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  const child = stdioServer({
    name: server.name,
    command: host.nodePath,
    args: [program, "serve", server.name, `--scenario=${scenario}`, `--seed=${seed}`, ...given, ...serveFlags],
    stateChannel: true,
  });
  return {
    ...child,
    ...(server.modelled === undefined ? {} : { modelled: server.modelled }),
    async close() {
      await child.close();
      await server.close();
    },
  };
}
