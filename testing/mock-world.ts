/** For tests that need a mock server with a state: the server as the first scenario with one of that name begins with it. */
import { tmpdir } from "node:os";
import type { WorldServer } from "../contract/index.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";

/** Every mock server of every scenario under default parameters, with seed 1. They live in this process and need no closing. */
export async function mockServersOf(scenarioId: string): Promise<readonly WorldServer[]> {
  const scenario = await scenarioRegistry.load(scenarioId);
  const { servers } = await scenario.world(scenario.params.parse({}), 1, { tmpDir: tmpdir(), nodePath: process.execPath });
  return servers.filter(({ instance }) => instance !== undefined);
}

/** Makes one server of that name, for any transport. */
export async function mockInstance(name: string): Promise<NonNullable<WorldServer["instance"]>> {
  for (const id of scenarioRegistry.ids) {
    const found = (await mockServersOf(id)).find((server) => server.name === name);
    if (found?.instance !== undefined) return found.instance;
  }
  throw new Error(`No scenario has the server ${name}.`);
}
