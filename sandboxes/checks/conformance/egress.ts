/** What the checks of egress need beside a session: servers of the harness, of which one is granted, and the log. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "node:process";
import type { Egress, EgressRequest, Sandbox } from "../../../contract/index.ts";

export interface Outside {
  /** Grants GET and POST of `granted.test` at `port`, which is here. */
  readonly egress: Egress;
  readonly port: number;
  /** Of a server that is not granted. */
  readonly otherPort: number;
  /** Paths of Unix sockets of the host, one with a name and no file where there are such. */
  readonly sockets: readonly string[];
  /** `METHOD path body` of each request that reached a server over HTTP. */
  readonly asked: readonly string[];
  /** Connections to a socket, or to the server that is not granted. */
  readonly trespasses: () => number;
  /** `METHOD host:port path refused sent received`, of each that is over, sorted: requests end in no order. */
  readonly log: () => readonly string[];
}

/** Whoever grants a session something on a backend without egress has to be refused. */
export const anyEgress: Egress = { allow: [{ host: "granted.test" }], log: () => undefined };

/** For backends that hold a guest to what it was granted. */
export const declaresEgress = {
  id: "declares egress",
  missing: async ({ egress }: Pick<Sandbox, "egress">) => (egress === true ? undefined : "it does not declare egress"),
};

export async function withOutside<T>(use: (outside: Outside) => Promise<T>): Promise<T> {
  const asked: string[] = [];
  const requests: EgressRequest[] = [];
  let trespasses = 0;
  const folder = mkdtempSync(join(tmpdir(), "sandbox-outside-"));
  // A guest that gets so far is to be seen.
  chmodSync(folder, 0o755);
  const granted = createServer(async (incoming, answer) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    asked.push(`${incoming.method} ${incoming.url} ${body}`);
    answer.end(`seen: ${body}`);
  });
  const other = createServer((_incoming, answer) => void answer.end("seen"));
  const sockets = [join(folder, "other.sock"), ...(platform === "linux" ? [`\0sandbox-outside-${randomUUID()}`] : [])];
  const elsewhere = sockets.map((path) => ({ path, server: createSocketServer() }));
  for (const server of [other, ...elsewhere.map((one) => one.server)]) server.on("connection", () => trespasses++);
  const listen = (server: typeof other | (typeof elsewhere)[number]["server"], place: object) =>
    new Promise<void>((resolve, reject) => server.once("error", reject).listen(place, resolve));
  try {
    for (const server of [granted, other]) await listen(server, { port: 0, host: "127.0.0.1" });
    for (const { path, server } of elsewhere)
      await listen(server, path.startsWith("\0") ? { path } : { path, writableAll: true, readableAll: true });
    const [port, otherPort] = [granted, other].map((server) => (server.address() as AddressInfo).port) as [number, number];
    return await use({
      egress: {
        allow: [{ host: "granted.test", port, address: "127.0.0.1", methods: ["GET", "POST"] }],
        log: (request) => requests.push(request),
      },
      ...{ port, otherPort, sockets, asked },
      trespasses: () => trespasses,
      log: () => requests.map(textOf).toSorted(),
    });
  } finally {
    for (const server of [granted, other]) server.closeAllConnections();
    for (const server of [granted, other, ...elsewhere.map((one) => one.server)]) server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const textOf = ({ method, host, port, path, refused, sentBytes, receivedBytes }: EgressRequest) =>
  `${method} ${host}:${port} ${path} ${refused} ${sentBytes} ${receivedBytes}`;

/** What a guest asks for: as JSON, and as it is wanted in the log. The first two are granted. */
export const requestsTo = ({ port, otherPort }: Outside) => {
  const asked: readonly (readonly [method: string, host: string, port: number, path: string])[] = [
    ["GET", "granted.test", port, "/a"],
    ["POST", "granted.test", port, "/b"],
    ["PUT", "granted.test", port, "/c"],
    ["GET", "other.test", port, "/d"],
    ["GET", "granted.test", otherPort, "/e"],
    ["GET", "127.0.0.1", port, "/f"],
    ["GET", "localhost", port, "/g"],
  ];
  return {
    requests: asked.map(([method, host, at, path]) => [method, `http://${host}:${at}${path}?secret=1`]),
    logged: asked
      .map(
        ([method, host, at, path], n) =>
          `${method} ${host}:${at} ${path} ${n < 2 ? `null ${n * 4} ${6 + n * 4}` : "not granted 0 0"}`,
      )
      .toSorted(),
    seen: ["GET /a?secret=1 ", "POST /b?secret=1 body"],
  };
};
