/**
 * How a mock server is defined and run. A definition is computed once. Each cell's server puts it over a state of its
 * own, so that thousands of cells can be played in a row.
 */
import { InMemoryTransport, ProtocolError, ProtocolErrorCode, Server, type Tool } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Json, JsonObject } from "../../contract/json.ts";
import type { ModelledSchemas, WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { invalidArguments, jsonSchema } from "./schema.ts";

/** A failure that the model sees: the result has `isError` and this text. Says what to do next where it can. */
export class ToolFailure extends Error {}

/** One tool over a server's state. Made by `toolsOver`. */
export interface MockTool<S> {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject | undefined;
  /** Validates `input` and runs. Throws ToolFailure for bad arguments and for what the tool itself refuses. */
  run(state: S, input: unknown): Promise<{ readonly structured: JsonObject; readonly meta: JsonObject | undefined }>;
}

export interface ToolSpec<S, I extends z.ZodType, O extends z.ZodType> {
  readonly name: string;
  readonly description: string;
  readonly input: I;
  readonly output: O;
  /** Reads and changes the state; replaces what it changes and never alters shared data. Throws ToolFailure to refuse. */
  readonly run: (state: S, args: z.output<I>) => z.input<O> | Promise<z.input<O>>;
  /** What goes into the result's `_meta`; `undefined`: nothing. */
  readonly meta?: (output: z.input<O>, state: S) => JsonObject | undefined;
}

/** The tool factory of one server's state: `const tool = toolsOver<DriveState>()`. */
export function toolsOver<S>() {
  return function tool<I extends z.ZodType, O extends z.ZodType>(spec: ToolSpec<S, I, O>): MockTool<S> {
    return {
      name: spec.name,
      description: spec.description,
      inputSchema: jsonSchema(spec.input, "input"),
      outputSchema: jsonSchema(spec.output, "output"),
      async run(state, input) {
        const parsed = spec.input.safeParse(input ?? {});
        if (!parsed.success) throw new ToolFailure(invalidArguments(spec.name, parsed.error));
        const output = await spec.run(state, parsed.data);
        return { structured: output as JsonObject, meta: spec.meta?.(output, state) };
      },
    };
  };
}

export interface MockServer<S> {
  readonly name: string;
  readonly version: string;
  readonly instructions?: string;
  readonly modelled?: ModelledSchemas;
  readonly tools: readonly MockTool<S>[];
  /** The tools as the bridge lists them, without connecting. */
  readonly definitions: readonly ToolDefinition[];
  /** An SDK server over `state`, not yet connected: any transport will do. Whoever made it closes it. */
  over(state: S): Server;
}

/** Computes everything that does not depend on a cell. */
export function defineMockServer<S>(spec: {
  readonly name: string;
  readonly version: string;
  readonly instructions?: string;
  readonly modelled?: ModelledSchemas;
  readonly tools: readonly MockTool<S>[];
}): MockServer<S> {
  const info = { name: spec.name, version: spec.version };
  const options = {
    capabilities: { tools: {} },
    ...(spec.instructions !== undefined && { instructions: spec.instructions }),
  };
  const byName = new Map(spec.tools.map((tool) => [tool.name, tool]));
  const listed = spec.tools.map(({ name, description, inputSchema, outputSchema }) => ({
    name,
    description,
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
  }));
  return {
    ...spec,
    definitions: listed.map((tool) => ({ server: spec.name, ...tool })),
    over(state) {
      const server = new Server(info, options);
      server.setRequestHandler("tools/list", () => ({ tools: listed as unknown as Tool[] }));
      server.setRequestHandler("tools/call", async (request) => {
        const tool = byName.get(request.params.name);
        if (tool === undefined) {
          throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${request.params.name} not found`);
        }
        try {
          const { structured, meta } = await tool.run(state, request.params.arguments);
          const text = JSON.stringify(structured);
          return {
            content: [{ type: "text" as const, text }],
            // A copy: the in-memory transport passes objects on as they are, and these belong to the state.
            structuredContent: JSON.parse(text) as JsonObject,
            ...(meta !== undefined && { _meta: meta }),
          };
        } catch (error) {
          if (!(error instanceof ToolFailure)) throw error;
          return { content: [{ type: "text" as const, text: error.message }], isError: true };
        }
      });
      return server;
    },
  };
}

/**
 * A server inside this process. `snapshot` gives the whole state as JSON; it may share what is never altered.
 * Connecting twice starts a second SDK server over the same state.
 */
export function inMemoryServer<S>(definition: MockServer<S>, state: S, snapshot: (state: S) => Json): WorldServer {
  const started: Server[] = [];
  return {
    name: definition.name,
    transport: "memory",
    knowsDiscover: false,
    ...(definition.modelled === undefined ? {} : { modelled: definition.modelled }),
    instance: () => definition.over(state),
    async connect() {
      const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
      const server = definition.over(state);
      started.push(server);
      await server.connect(serverEnd);
      return clientEnd;
    },
    snapshot: async () => snapshot(state),
    stderr: () => "",
    async close() {
      await Promise.all(started.splice(0).map((server) => server.close()));
    },
  };
}
