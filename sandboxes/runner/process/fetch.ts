/**
 * `fetch` for programs of a session with egress: a small subset of the web's, over the host's proxy, which is all that the
 * box can reach. It decides nothing: what the proxy refuses rejects.
 *
 * `http:` goes to the proxy as it is; `https:` through a tunnel (CONNECT). Redirects are not followed. The answer has `ok`,
 * `status`, `headers.get(name)`, `text()`, `json()` and `bytes()`, and is read whole before it is given.
 */
import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";

/** The proxy's socket, in the folder of the runner's channel. */
export const egressSocket = "egress.sock";
/** Where a runner without such a folder finds the path of the proxy's socket. */
export const egressVariable = "MCP_CODE_BENCH_EGRESS";

interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

class Refusal extends Error {}

/** `undefined`: the session has no egress. `channel`: as the runner was given it. */
export function proxySocket(channel: string, env: NodeJS.ProcessEnv): string | undefined {
  const named = env[egressVariable];
  if (named !== undefined) return named;
  const beside = join(dirname(channel), egressSocket);
  return channel.startsWith("/") && existsSync(beside) ? beside : undefined;
}

/** `settled`: called when a request is over, before the program hears of it. */
export function guestFetch(socketPath: string, settled: () => void) {
  // Taken now, because a program may change it; loaded late, because that takes time.
  const builtin = process.getBuiltinModule.bind(process);

  let waiting: Agent | undefined;

  const answerOf = (request: ClientRequest, body: FetchOptions["body"]): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      request.once("response", resolve).once("error", reject).end(body);
    });

  const send = async (url: URL, { method = "GET", headers = {}, body }: FetchOptions): Promise<IncomingMessage> => {
    const http = builtin("node:http");
    // The proxy takes only so many connections at once. None is kept for later, so that none keeps the process.
    waiting ??= new http.Agent({ maxSockets: 16 });
    const options: RequestOptions = { method, headers: { host: url.host, ...headers }, agent: waiting };
    if (url.protocol === "http:") {
      return answerOf(http.request({ ...options, socketPath, path: `${url.origin}${url.pathname}${url.search}` }), body);
    }
    const place = `${url.hostname}:${url.port || 443}`;
    const tunnel = http.request({ socketPath, method: "CONNECT", path: place, headers: { host: place }, agent: waiting });
    const socket = await new Promise<Socket>((resolve, reject) => {
      tunnel.once("error", reject).once("connect", (answer, connected: Socket) => {
        const refusal = refusalOf(answer);
        if (refusal === undefined) return resolve(connected);
        connected.destroy();
        reject(new Refusal(refusal));
      });
      tunnel.end();
    });
    const { request } = builtin("node:https");
    const own = { host: url.hostname, servername: url.hostname, path: `${url.pathname}${url.search}` };
    return answerOf(request({ ...options, ...own, agent: false, socket } as RequestOptions), body);
  };

  return async function fetch(input: unknown, options: FetchOptions = {}) {
    const url = new URL(`${input}`);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError(`fetch failed: ${url.protocol} is not HTTP`);
    try {
      const answer = await send(url, options);
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer) chunks.push(chunk as Uint8Array);
      const refusal = url.protocol === "http:" ? refusalOf(answer) : undefined;
      if (refusal !== undefined) throw new Refusal(refusal);
      return response(answer, Buffer.concat(chunks));
    } catch (error) {
      // What else went wrong each engine says in words of its own.
      const isTold = error instanceof Refusal && error.message !== "failed";
      throw new TypeError(isTold ? `fetch failed: ${error.message}` : "fetch failed");
    } finally {
      settled();
    }
  };
}

/** Why the proxy refused (RFC 9209); it passes on no such header of anybody else's. */
function refusalOf({ headers }: IncomingMessage): string | undefined {
  const said = headers["proxy-status"];
  return said === undefined ? undefined : (/details="([^"]*)"/.exec(`${said}`)?.[1] ?? "refused");
}

function response({ statusCode: status = 0, headers }: IncomingMessage, body: Buffer) {
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: {
      get(name: string): string | null {
        const value = headers[`${name}`.toLowerCase()];
        return value === undefined ? null : `${value}`;
      },
    },
    text: async () => new TextDecoder().decode(body),
    json: async () => JSON.parse(new TextDecoder().decode(body)),
    bytes: async () => new Uint8Array(body),
  };
}
