/** The network of a session that has one: what its guest may reach, by a proxy of the host's, and what it asked for. */

/** One place that a guest may reach. */
export interface EgressGrant {
  /** A host name, which the host resolves, or an IP address. No pattern: each name is granted by itself. */
  readonly host: string;
  /** Absent: 80, and 443 for CONNECT. */
  readonly port?: number;
  /**
   * In capitals. Absent: GET and HEAD. `CONNECT` gives a tunnel, as TLS needs: the host sees its name and port, and
   * nothing that passes inside.
   */
  readonly methods?: readonly string[];
  /**
   * The IP address at which the host finds it; then nothing is resolved. Without it, a name that resolves to an address
   * that is not public (loopback, private, link-local) is refused.
   */
  readonly address?: string;
}

/** Why a request was refused, or broke. `limit`: the session has used up its requests or bytes. */
export type EgressRefusal = "not granted" | "not public" | "not resolved" | "malformed" | "limit" | "failed";

/** One request of a guest, once it is over. Text is the guest's own, cut and without its query. */
export interface EgressRequest {
  /** Empty where the request could not be read. */
  readonly method: string;
  readonly host: string;
  /** 0 where the request could not be read. */
  readonly port: number;
  /** Without query or fragment, which may hold secrets; empty for CONNECT. */
  readonly path: string;
  /** `null`: it was allowed, and carried out to its end. */
  readonly refused: EgressRefusal | null;
  /** Of the answer that was passed on; `null`: none was. */
  readonly status: number | null;
  /** Bytes of bodies, or inside a tunnel, from the guest and to it. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** What a session is opened with that may reach something. */
export interface Egress {
  /** Nothing else is reached. */
  readonly allow: readonly EgressGrant[];
  /** Called with each request when it is over, allowed or refused. It must not throw. */
  log(request: EgressRequest): void;
}
