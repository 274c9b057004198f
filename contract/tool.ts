import type { JsonObject } from "./json.ts";

/** One tool of one connected server, as `tools/list` gave it. Object key order is kept: it is counted. */
export interface ToolDefinition {
  /** The server's name in this run, e.g. `google-drive`. */
  readonly server: string;
  /** The tool's own name, e.g. `get_document`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** Absent when the server declares none. */
  readonly outputSchema?: JsonObject;
}

/** `<server>__<tool>`: the name a model sees in direct modes, and how the bridge's grants are keyed. */
export type QualifiedToolName = `${string}__${string}`;
