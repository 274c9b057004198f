/** Part of the protocol double, test code: the Connect protocol with JSON, as far as the SDK's process calls use it. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The one message of a streaming request: a byte of flags, four of length, JSON. */
export const enveloped = (body: Buffer): unknown => JSON.parse(body.toString("utf8", 5));

export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

const endOfStream = 2;

export interface EventStream {
  /** Resolves when the client keeps up; at once when it has gone. */
  send(event: object): Promise<void>;
  end(): void;
}

export function eventStream(response: ServerResponse): EventStream {
  response.writeHead(200, { "content-type": "application/connect+json" });
  const write = async (flags: number, value: object) => {
    if (response.destroyed) return;
    const json = Buffer.from(JSON.stringify(value));
    const header = Buffer.alloc(5);
    header.writeUInt8(flags, 0);
    header.writeUInt32BE(json.length, 1);
    if (response.write(Buffer.concat([header, json]))) return;
    const waiting = new AbortController();
    const { signal } = waiting;
    await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
    waiting.abort();
  };
  return {
    send: (event) => write(0, { event }),
    end() {
      void write(endOfStream, {});
      response.end();
    },
  };
}
