/** The servers beside a scenario's own: a catalogue's real ones, and synthetic ones up to the number of tools asked for. */
import { LRUCache } from "lru-cache";
import {
  BenchError,
  type CellKey,
  type Params,
  type Scenario,
  type ScenarioHost,
  type ToolDefinition,
} from "../../contract/index.ts";
import { syntheticTools } from "../../fixtures/catalogue.ts";
import { syntheticServers } from "../../mock-mcp-servers/lib/synthetic.ts";
import { type Connection, connect } from "./connection.ts";

const connectTimeoutMs = 30_000;
/** Catalogues kept connected at once: one for each seed and size in use. */
const keptCatalogues = 8;

/** Synthetic servers hold no state, so cells share their connections. Closing also closes `catalogue`. */
export function extraServers(catalogue: readonly Connection[]): {
  forCell(key: CellKey, ownTools: () => Promise<number>): Promise<readonly Connection[]>;
  close(): Promise<void>;
} {
  const ownCounts = new Map<string, number>();
  const synthetic = new LRUCache<string, readonly Connection[]>({
    max: keptCatalogues,
    dispose: (connections) => void closeAll(connections),
  });
  return {
    async forCell(key, ownTools) {
      if (key.tools === null) return catalogue;
      const world = JSON.stringify([key.scenario, key.params]);
      const own = ownCounts.get(world) ?? (await ownTools());
      ownCounts.set(world, own);
      const name = `${key.tools - own}:${key.seed}`;
      let connected = synthetic.get(name);
      if (connected === undefined) {
        connected = await connectSynthetic(key.tools - own, key.seed);
        synthetic.set(name, connected);
      }
      return [...catalogue, ...connected];
    },
    async close() {
      const kept = [...synthetic.values()].flat();
      await closeAll([...kept, ...catalogue]);
    },
  };
}

/**
 * The definitions that a scenario's own servers and the catalogue have under these parameters.
 *
 * Throws `BenchError` SERVER_START when two of these servers have one name.
 */
export async function toolsOf(
  scenario: Scenario,
  params: Params,
  catalogue: readonly Connection[],
  host: ScenarioHost,
  signal: AbortSignal,
): Promise<readonly ToolDefinition[]> {
  const { servers } = await scenario.world(params, 1, host);
  try {
    const shared = catalogue.find(({ name }) => servers.some((server) => server.name === name));
    if (shared !== undefined) {
      throw new BenchError("SERVER_START", {
        server: shared.name,
        problem: `the scenario ${scenario.id} has a server of that name`,
        fix: "Rename it in the catalogue.",
      });
    }
    const own = await Promise.all(servers.map((server) => connect(server, { timeoutMs: connectTimeoutMs, signal })));
    return [...own, ...catalogue].flatMap(({ tools }) => tools);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

function connectSynthetic(count: number, seed: number): Promise<readonly Connection[]> {
  const servers = syntheticServers(syntheticTools(count, seed));
  return Promise.all(servers.map((server) => connect(server, { timeoutMs: connectTimeoutMs })));
}

async function closeAll(connections: readonly Connection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}
