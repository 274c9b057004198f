/** What a session's guest may reach: grants as they were given, made comparable with what a guest asks for. */
import { METHODS } from "node:http";
import { BlockList, isIP } from "node:net";
import { BenchError, type EgressGrant } from "../../../contract/index.ts";

/** A host as URLs write it, without the brackets of an IPv6 address; a port; and a method. */
export interface Asked {
  readonly host: string;
  readonly port: number;
  readonly method: string;
}

/** What allows a request; `address`: where the host finds it, unless the name has to be resolved. */
export interface Allowed {
  readonly address: string | undefined;
}

/** Finds what allows a request; `undefined`: nothing does. Throws EGRESS for a grant that could never match. */
export function grantsOf(allow: readonly EgressGrant[]): (asked: Asked) => Allowed | undefined {
  const known = new Map<string, Allowed>();
  for (const grant of allow) {
    const host = hostOf(grant.host);
    const address = grant.address ?? (isIP(host) === 0 ? undefined : host);
    if (address !== undefined && isIP(address) === 0)
      throw wrong(`${address} is no IP address`, "Name one, or leave address out.");
    for (const method of grant.methods ?? ["GET", "HEAD"]) {
      if (!METHODS.includes(method)) throw wrong(`${method} is no method of HTTP`, "Write methods in capitals, e.g. POST.");
      const port = grant.port ?? (method === "CONNECT" ? 443 : 80);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) throw wrong(`${port} is no port`, "Ports are 1 to 65535.");
      known.set(keyOf({ host, port, method }), { address });
    }
  }
  return (asked) => known.get(keyOf(asked));
}

const keyOf = ({ host, port, method }: Asked) => JSON.stringify([host, port, method]);

const wrong = (problem: string, fix: string) => new BenchError("EGRESS", { problem, fix });

/** As a guest's URL will have it: in small letters, in ASCII, an IP address in its one form. */
function hostOf(host: string): string {
  const url = URL.parse(`http://${isIP(host) === 6 ? `[${host}]` : host}/`);
  if (url === null || host === "" || /[/:@?#*\s]/.test(isIP(host) === 6 ? "" : host))
    throw wrong(
      `"${host}" is no host name or IP address`,
      "Grant each host by its name alone, without a scheme, port or pattern.",
    );
  return bare(url.hostname);
}

/** Without the brackets of an IPv6 address. */
export const bare = (hostname: string): string => (hostname.startsWith("[") ? hostname.slice(1, -1) : hostname);

/** Addresses that lead nowhere beyond this machine and its own networks, or stand for others (IANA's registries). */
const special = new BlockList();
for (const [network, prefix] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
  ] as const),
  ...([
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
  ] as const),
  ...([
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
] as const)
  special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  special.addSubnet(network, prefix, "ipv6");
/** Of IPv6 only this part is given out; mapped, local and multicast addresses lie outside it. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, "ipv4");
  return isIP(address) === 6 && global.check(address, "ipv6") && !special.check(address, "ipv6");
}
