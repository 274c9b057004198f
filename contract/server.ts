import type { Transport } from "@modelcontextprotocol/client";
import type { Server } from "@modelcontextprotocol/server";
import type { Json } from "./json.ts";

export const transports = ["memory", "stdio", "http"] as const;
/** What a mock server can be played over: this process's memory, a child process's pipes, or Streamable HTTP on loopback. */
export type TransportId = (typeof transports)[number];

/** A modelled server's documented choice. */
export interface ModelledSchemas {
  readonly declaresOutput: boolean;
  /** ISO date on which the source was read. */
  readonly asOf: string;
  readonly source: string;
}

/** A server that a cell can connect to. Made fresh for every cell; its opener closes it. */
export interface WorldServer {
  readonly name: string;
  /** What carries its messages. `sse` is the older HTTP transport, of catalogue servers only. */
  readonly transport: TransportId | "sse";
  /**
   * Starts the server and gives the client's end of a transport that is not yet started.
   *
   * Throws `BenchError` SERVER_START when it cannot start; `cause` keeps the reason.
   */
  connect(): Promise<Transport>;
  /**
   * A fresh SDK server over the same state, not yet connected, for another transport; the caller closes it. Absent: the
   * server brings its own transport, and is always played over that one.
   */
  instance?(): Server;
  /** `false`: it does not know `server/discover`, and a client need not ask it first. Absent: that is found out. */
  readonly knowsDiscover?: false;
  /**
   * Whether the server that it stands for declares what its tools return, and where that is documented. Absent: it stands
   * for itself.
   */
  readonly modelled?: ModelledSchemas;
  /** The server's whole state as JSON, for the verifier. Reading it changes nothing. `null`: the server has none. */
  snapshot(): Promise<Json>;
  /** Takes the server's own secrets (from its environment, arguments or headers) out of a text. Absent: it has none. */
  redact?(text: string): string;
  /** What a server wrote to stderr, its last lines, for error messages. Empty for in-memory servers. */
  stderr(): string;
  /** Ends the server and every process it started. Idempotent. */
  close(): Promise<void>;
}
