/**
 * A mock clock: lets a conversation of direct tool calls wait. In virtual time it answers at once and says in `_meta`
 * how long it would have taken.
 */
import { z } from "zod";
import { virtualWaitKey } from "../../contract/bridge.ts";
import type { WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { defineMockServer, inMemoryServer, toolsOver } from "../lib/mock-server.ts";
import { shareByName } from "../lib/synthetic.ts";

interface ClockState {
  readonly virtualTime: boolean;
  sleptSeconds: number;
}

const tool = toolsOver<ClockState>();

const sleep = tool({
  name: "sleep",
  description: "Wait for a number of seconds, then return. Use it between two checks of something that takes time.",
  input: z.object({ seconds: z.int().min(1).max(3600).describe("How long to wait, in seconds") }),
  output: z.object({ sleptSeconds: z.int().describe("How long the call waited, in seconds") }),
  async run(state, { seconds }) {
    if (!state.virtualTime) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    state.sleptSeconds += seconds;
    return { sleptSeconds: seconds };
  },
  meta: ({ sleptSeconds }, state) => (state.virtualTime ? { [virtualWaitKey]: sleptSeconds } : undefined),
});

const definition = defineMockServer<ClockState>({
  name: "clock",
  version: "1.0.0",
  modelled: shareByName("clock"),
  tools: [sleep],
});

export const clockTools: readonly ToolDefinition[] = definition.definitions;

/** Its snapshot is `{ sleptSeconds }`, the sum of all waits. */
export function clock(options: { readonly virtualTime: boolean }): WorldServer {
  return inMemoryServer(definition, { virtualTime: options.virtualTime, sleptSeconds: 0 }, ({ sleptSeconds }) => ({
    sleptSeconds,
  }));
}
