/** For the tests of mock servers: a real client that holds every result to the tool's declared output schema. */
import { expect } from "vitest";
import { connect } from "../bench/servers/connection.ts";
import type { Json, JsonObject, ToolDefinition, WorldServer } from "../contract/index.ts";
import { patientMs } from "./patience.ts";

export interface ToolClient {
  readonly tools: readonly ToolDefinition[];
  /** Tools that `call` was used on. */
  readonly called: ReadonlySet<string>;
  /** A call that has to succeed: its structured result, valid by the output schema and equal to the result's text. */
  call(tool: string, input: JsonObject): Promise<JsonObject>;
  /** A call that has to be refused and to leave the state as it was: the text that the model reads. */
  refusal(tool: string, input: JsonObject): Promise<string>;
  snapshot(): Promise<Json>;
}

/** Connects to `server`, which stays open: it lives in this process and ends with the test. */
export async function toolClient(server: WorldServer): Promise<ToolClient> {
  const { client, tools } = await connect(server, { timeoutMs: patientMs });
  // The client validates results by the definitions that it has listed itself.
  await client.listTools();
  const called = new Set<string>();
  return {
    tools,
    called,
    async call(tool, input) {
      called.add(tool);
      const { content, structuredContent, isError } = await client.callTool({ name: tool, arguments: input });
      expect(isError ?? false, JSON.stringify(content)).toBe(false);
      expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
      return structuredContent as JsonObject;
    },
    async refusal(tool, input) {
      const before = await server.snapshot();
      const { content, structuredContent, isError } = await client.callTool({ name: tool, arguments: input });
      expect({ isError, structuredContent }).toEqual({ isError: true, structuredContent: undefined });
      expect(await server.snapshot()).toStrictEqual(before);
      const [block] = content;
      return block?.type === "text" ? block.text : "";
    },
    snapshot: () => server.snapshot(),
  };
}

/** Freezes `value` and everything in it, so that code which alters shared data throws. Returns `value`. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
