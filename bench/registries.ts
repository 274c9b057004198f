/** The one place where every registry meets; only commands import it, so that the parts below never see each other. */

import type { Registries } from "../contract/index.ts";
import { mockServerRegistry } from "../mock-mcp-servers/registry.ts";
import { reporterRegistry } from "../reports/registry.ts";
import { executorRegistry } from "../sandboxes/checks/executors/registry.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";
import { modelRegistry } from "./play/models/registry.ts";
import { agentRegistry, modeRegistry } from "./play/modes/registry.ts";
import { counterRegistry } from "./tokens/counters/registry.ts";

export const registries: Registries = {
  scenarios: scenarioRegistry,
  modes: modeRegistry,
  agents: agentRegistry,
  models: modelRegistry,
  sandboxes: sandboxRegistry,
  executors: executorRegistry,
  counters: counterRegistry,
  reporters: reporterRegistry,
  servers: mockServerRegistry,
};
