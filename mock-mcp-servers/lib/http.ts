/**
 * A mock server over Streamable HTTP. Every request is served by an SDK server of its own over the one state, so there
 * are no sessions to keep, and clients of every protocol revision are answered on the same address.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hostHeaderValidation, type NodeIncomingMessageLike, originValidation, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, localhostAllowedHostnames, type Server } from "@modelcontextprotocol/server";

const path = "/mcp";
/** The bridge passes arguments of up to 32 MiB; the rest is the message around them. */
export const maxMessageBytes = 33 * 1024 * 1024;

export interface HttpAddress {
  /** Where to listen; default `127.0.0.1`. Only requests under this name and the names of loopback are answered. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

/** What a client may hold of the server. One that is slower gets 408, and one connection more is closed unanswered. */
export interface HttpLimits {
  /** Milliseconds for a request's line and headers; also for a connection's first byte. */
  readonly headersMs: number;
  /** Milliseconds for a whole request. An answer may take as long as its tool does. */
  readonly requestMs: number;
  /** Connections at once: twice the calls that a bridge has in flight. */
  readonly connections: number;
}

const usualLimits: HttpLimits = { headersMs: 10_000, requestMs: 60_000, connections: 128 };

export interface HttpService {
  readonly url: string;
  /** Ends every connection, also those in the middle of an answer. Idempotent. */
  close(): Promise<void>;
}

/**
 * Listens until it is closed. `instance` makes a server over the shared state, not yet connected.
 *
 * Rejects with the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL ...) when it cannot listen.
 */
export async function serveHttp(
  instance: () => Server,
  { host = "127.0.0.1", port = 0 }: HttpAddress = {},
  { headersMs, requestMs, connections }: HttpLimits = usualLimits,
): Promise<HttpService> {
  const mcp = createMcpHandler(instance, { maxRequestBodySize: maxMessageBytes });
  const handle = toNodeHandler(mcp, { maxRequestBodySize: maxMessageBytes });
  const shownHost = host.includes(":") ? `[${host}]` : host;
  // A page in a browser can reach loopback under a name of its own (DNS rebinding): only known names are answered.
  const names = [...localhostAllowedHostnames(), shownHost];
  const hostIsKnown = hostHeaderValidation(names);
  const originIsKnown = originValidation(names);
  const timeouts = { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: headersMs / 10 };
  const http = createServer(timeouts, (request, response) => {
    if (!hostIsKnown(request, response) || !originIsKnown(request, response)) return;
    if (request.url?.split("?")[0] !== path) response.writeHead(404).end();
    // The web's Request, into which the handler turns it, cannot be a TRACE.
    else if (request.method === "TRACE") response.writeHead(405, { allow: "POST" }).end();
    // The types differ only in how they write "may be absent".
    else void handle(request as NodeIncomingMessageLike, response);
  });
  http.maxConnections = connections;
  // Node hands over the bare socket, and closes it unanswered where nobody listens.
  http.on("connect", (_request, socket: Socket) => {
    socket.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    socket.destroySoon();
  });
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, resolve);
  });
  const { port: bound } = http.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${shownHost}:${bound}${path}`,
    close() {
      closing ??= (async () => {
        const closed = new Promise((resolve) => http.close(resolve));
        await mcp.close();
        http.closeAllConnections();
        await closed;
      })();
      return closing;
    },
  };
}
