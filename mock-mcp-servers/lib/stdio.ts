/** A mock server over the pipes of the process that it runs in. Only the protocol may be written to `output`. */
import type { Readable, Writable } from "node:stream";
import type { Server } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio as serve } from "@modelcontextprotocol/server/stdio";
import { maxMessageBytes } from "./http.ts";

export interface StdioService {
  /** Settles when the client has ended its side, or after `close`. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Serves one client. `instance` makes a server over the shared state; `log` gets a line for each breach of the protocol. */
export function serveStdio(
  instance: () => Server,
  { input, output, log }: { readonly input: Readable; readonly output: Writable; readonly log: (line: string) => void },
): StdioService {
  const transport = new StdioServerTransport(input, output, { maxBufferSize: maxMessageBytes });
  const { close } = serve(instance, { transport, onerror: (error) => log(error.message) });
  const ended = new Promise<void>((resolve) => {
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  return { ended, close };
}
