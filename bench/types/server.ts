import type { Transport } from "@modelcontextprotocol/client";
import type { Json } from "./json.ts";

/** A server that a cell can connect to. Made fresh for every cell; whoever opened it closes it. */
export interface WorldServer {
  readonly name: string;
  /**
   * Starts the server and gives the client's end of a transport that is not yet started.
   *
   * Throws `BenchError` SERVER_START when it cannot start; `cause` keeps the reason.
   */
  connect(): Promise<Transport>;
  /** The server's whole state as JSON, for the verifier. Reading it changes nothing. `null`: the server has none. */
  snapshot(): Promise<Json>;
  /** What a server wrote to stderr, its last lines, for error messages. Empty for in-memory servers. */
  stderr(): string;
  /** Ends the server and every process it started. Idempotent. */
  close(): Promise<void>;
}
