/**
 * The one way out of a box that has no network: an HTTP/1.1 proxy of the host's on a Unix socket. It carries what was
 * granted and nothing else, and logs every request. Nothing of the guest is believed: `Host` and framing are written anew,
 * a name is resolved here and its address dialled as it was judged, and everything is bounded.
 *
 * Plain HTTP comes in absolute form, so that the method is seen. CONNECT is a method of its own: what passes inside is not
 * seen.
 */
import { lookup } from "node:dns/promises";
import { type FileHandle, open } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { type Duplex, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Egress, EgressRequest } from "../../../contract/index.ts";
import { egressSocket } from "../../runner/process/fetch.ts";
import { type Asked, bare, grantsOf, isPublic } from "./grants.ts";
import { framing, hasBody, passedOn, refusalOf, refusalText, refuse, refused } from "./messages.ts";

/** Of one session. */
export const egressLimits = {
  /** Open at once, and requests under way at once. */
  connections: 64,
  /** As many as connections, one after another. */
  requests: 10_000,
  /** Of one request, and of its answer. */
  headerBytes: 32 * 2 ** 10,
  /** Of all bodies and tunnels, both ways together. */
  bytes: 256 * 2 ** 20,
  /** Milliseconds for a request's head, for its whole, and without a byte in either direction. */
  headMs: 10_000,
  requestMs: 60_000,
  idleMs: 30_000,
} as const;

export type EgressLimits = Readonly<Record<keyof typeof egressLimits, number>>;

/** Characters of a guest's text that are logged. */
const loggedCharacters = 1_000;

export interface EgressProxy {
  /** Makes the socket in `folder`, for everybody who can enter it. Rejects with what the system said. */
  listen(folder: string): Promise<void>;
  /** Ends every request, and resolves when each is logged. Idempotent; never rejects. */
  close(): Promise<void>;
}

type Entry = { -readonly [K in keyof EgressRequest]: EgressRequest[K] };

/** Throws EGRESS for a grant that could never match. */
export function egressProxy({ allow, log }: Egress, limits: EgressLimits = egressLimits): EgressProxy {
  const grant = grantsOf(allow);
  const { headerBytes: maxHeaderSize, headMs: headersTimeout, requestMs: requestTimeout, idleMs } = limits;
  const timeouts = { headersTimeout, requestTimeout, connectionsCheckingInterval: 1_000 };
  // Without a Host, Node would answer by itself, and nothing would be logged.
  const server = createServer({ maxHeaderSize, requireHostHeader: false, ...timeouts });
  server.maxConnections = limits.connections;
  server.setTimeout(idleMs);
  const sockets = new Set<Socket>();
  const under = new Set<Promise<void>>();
  const closing = Promise.withResolvers<never>();
  closing.promise.catch(() => undefined);
  let handle: FileHandle | undefined;
  let closed: Promise<void> | undefined;
  let requests = 0;
  let bytes = 0;

  /**
   * Does one request, and logs it when it is over. After the last one that is allowed, one more of an open connection is
   * logged, and no other.
   */
  const attend = (asked: Asked & { readonly path: string }, client: Duplex, work: (entry: Entry) => Promise<void>) => {
    requests++;
    if (requests > limits.requests + 1) return void client.destroy();
    const [host, path] = [asked.host.slice(0, loggedCharacters), asked.path.slice(0, loggedCharacters)];
    const entry: Entry = { ...asked, host, path, refused: null, status: null, sentBytes: 0, receivedBytes: 0 };
    const done = work(entry)
      .catch((error: unknown) => {
        entry.refused = refusalOf(error);
      })
      .finally(() => {
        under.delete(done);
        log(entry);
      });
    under.add(done);
  };

  /** Where an allowed request goes. The address is the one that is dialled. */
  const addressOf = async (asked: Asked): Promise<string> => {
    // Those under way are more than the connections where one connection sends many at once.
    if (requests > limits.requests || under.size >= limits.connections) throw refused("limit");
    const allowed = grant(asked);
    if (allowed === undefined) throw refused("not granted");
    if (allowed.address !== undefined) return allowed.address;
    const resolved = lookup(asked.host, { all: true }).catch(() => []);
    const found = await Promise.race([resolved, closing.promise]);
    if (!found.every(({ address }) => isPublic(address))) throw refused("not public");
    if (found[0] === undefined) throw refused("not resolved");
    return found[0].address;
  };

  /** Counts what passes; ends it when the session has had its share. */
  const counter = (entry: Entry, way: "sentBytes" | "receivedBytes") =>
    new Transform({
      transform(chunk: Buffer, _encoding, passOn) {
        bytes += chunk.length;
        if (bytes > limits.bytes) return passOn(refused("limit"));
        entry[way] += chunk.length;
        passOn(null, chunk);
      },
    });

  // Connections without a request cost the host, too: after as many as requests are allowed, nobody listens any more.
  let arrivals = 0;
  const arrive = () => {
    arrivals++;
    if (arrivals > limits.requests) server.close();
  };
  // A connection that the system could not give ends nothing here.
  server.on("error", ignore);
  server.on("drop", arrive).on("connection", (socket) => {
    arrive();
    sockets.add(socket.on("error", ignore).on("close", () => sockets.delete(socket)));
  });

  const onRequest = (incoming: IncomingMessage, answer: ServerResponse) => {
    const { method = "" } = incoming;
    const url = URL.parse(incoming.url ?? "");
    const host = url === null ? "" : bare(url.hostname);
    const asked = { method, host, port: Number(url?.port || 80), path: url?.pathname ?? "" };
    attend(asked, incoming.socket, async (entry) => {
      try {
        if (url?.protocol !== "http:" || url.username !== "" || url.password !== "") throw refused("malformed");
        await relay(incoming, answer, { url, entry, address: await addressOf(asked) });
      } catch (error) {
        // Who still sends would not see the answer.
        if (hasBody(incoming)) await pipeline(incoming, counter({ ...entry }, "sentBytes"), nowhere()).catch(ignore);
        refuse(answer, error);
        throw error;
      }
    });
  };
  // With an Expect that Node does not know, it would answer by itself.
  server.on("request", onRequest).on("checkExpectation", onRequest);

  async function relay(
    incoming: IncomingMessage,
    answer: ServerResponse,
    { url, entry, address }: { readonly url: URL; readonly entry: Entry; readonly address: string },
  ): Promise<void> {
    const outgoing = request({
      ...{ host: address, port: entry.port, method: entry.method, path: `${url.pathname}${url.search}` },
      headers: { ...passedOn(incoming), ...framing(incoming), host: url.host },
      ...{ setHost: false, agent: false, maxHeaderSize, timeout: idleMs },
    });
    outgoing.on("timeout", () => outgoing.destroy());
    answer.on("close", () => outgoing.destroy());
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject);
      outgoing.on("close", () => reject(refused("failed")));
    });
    // What fails here fails the request too. An answer may come before all is sent, and is enough.
    if (hasBody(incoming)) pipeline(incoming, counter(entry, "sentBytes"), outgoing).catch(ignore);
    else outgoing.end();
    const first = await answered;
    answer.writeHead(first.statusCode ?? 502, passedOn(first));
    entry.status = first.statusCode ?? null;
    await pipeline(first, counter(entry, "receivedBytes"), answer);
    outgoing.destroy();
  }

  server.on("connect", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    client.on("error", ignore);
    const place = /^(?<host>[^/?#@\s\\]+):(?<port>\d{1,5})$/.exec(incoming.url ?? "")?.groups;
    const url = URL.parse(`http://${place?.host ?? ""}/`);
    const host = url === null ? "" : bare(url.hostname);
    const asked = { method: "CONNECT", host, port: url === null ? 0 : Number(place?.port), path: "" };
    attend(asked, client, async (entry) => {
      try {
        // At once: the client may end its side before the other is there.
        const sent = counter(entry, "sentBytes").on("error", ignore);
        sent.write(head);
        client.pipe(sent);
        if (url === null || url.port !== "") throw refused("malformed");
        const far = connect({ host: await addressOf(asked), port: asked.port, allowHalfOpen: true });
        client.on("close", () => far.destroy());
        await new Promise<void>((resolve, reject) => {
          far.once("connect", resolve).on("error", reject);
          far.once("close", () => reject(refused("failed")));
          far.setTimeout(idleMs, () => far.destroy());
        });
        entry.status = 200;
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.setTimeout(idleMs, () => client.destroy());
        await Promise.all([pipeline(sent, far), pipeline(far, counter(entry, "receivedBytes"), client)]);
      } catch (error) {
        if (entry.status === null) client.end(refusalText(error), () => client.destroy());
        else client.destroy();
        throw error;
      }
    });
  });

  server.on("clientError", (error: NodeJS.ErrnoException, client) => {
    const unread = error.code?.startsWith("HPE_") === true || error.code === "ERR_HTTP_REQUEST_TIMEOUT";
    if (!unread || !client.writable) return void client.destroy();
    attend({ method: "", host: "", port: 0, path: "" }, client, async () => {
      const malformed = refused("malformed");
      client.end(refusalText(malformed), () => client.destroy());
      throw malformed;
    });
  });

  return {
    async listen(folder) {
      handle = await open(folder);
      const { fd } = handle;
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        // A socket's path may have some 100 bytes; this one is short wherever the folder is.
        server.listen({ path: `/proc/self/fd/${fd}/${egressSocket}`, writableAll: true, readableAll: true }, resolve);
      });
    },
    close() {
      closed ??= (async () => {
        closing.reject(refused("failed"));
        server.close();
        for (const socket of sockets) socket.destroy();
        while (under.size > 0) await Promise.all(under);
        await handle?.close();
      })();
      return closed;
    },
  };
}

const ignore = () => undefined;
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
