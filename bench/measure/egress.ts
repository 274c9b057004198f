/** What sandboxes cost whose sessions have egress: the same measures on sessions with a proxy, and requests through it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Egress, Sandbox } from "../../contract/index.ts";

/** A server of this process, which every session is granted by GET. It answers `/n` with `n`. */
export interface EgressTarget {
  readonly egress: Egress;
  /** Without a slash at its end. */
  readonly url: string;
  /** Replaces what is called when a request arrives. */
  listen(onArrival: () => void): void;
  close(): Promise<void>;
}

const host = "granted.test";

export async function openEgressTarget(): Promise<EgressTarget> {
  let arrived: () => void = () => undefined;
  const server = createServer(({ url = "" }, answer) => {
    arrived();
    answer.end(url.slice(1));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // The harness's own server sees every request that matters here.
  const log = () => undefined;
  return {
    egress: { allow: [{ host, port, address: "127.0.0.1", methods: ["GET"] }], log },
    url: `http://${host}:${port}`,
    listen(onArrival) {
      arrived = onArrival;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The backend with every session opened so, and a configuration that says it. Its `available` was called before. */
export const withEgress = (sandbox: Sandbox, { egress }: EgressTarget): Sandbox => ({
  ...sandbox,
  configuration: { ...sandbox.configuration, granted: [`GET ${host}`] },
  open: (options) => sandbox.open({ ...options, egress }),
});
