/** The one place where every registry meets; only commands import it, so that the parts below never see each other. */

import { mockServerRegistry } from "../mock-mcp-servers/registry.ts";
import { reporterRegistry } from "../reports/registry.ts";
import { peerRegistry } from "../sandboxes/peers/registry.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";
import { counterRegistry } from "./counters/registry.ts";
import { modeRegistry } from "./modes/registry.ts";
import type { Registries } from "./types/index.ts";

export const registries: Registries = {
  scenarios: scenarioRegistry,
  modes: modeRegistry,
  sandboxes: sandboxRegistry,
  peers: peerRegistry,
  counters: counterRegistry,
  reporters: reporterRegistry,
  servers: mockServerRegistry,
};
