/** How a backend gives a session its proxy, and how one without refuses. */
import { BenchError, type Egress, type OpenOptions } from "../../../contract/index.ts";
import type { SessionFolder } from "../session/session-folder.ts";
import { egressProxy } from "./proxy.ts";

/** Ids of the backends that declare `egress`. */
export const egressBackends: readonly string[] = ["bubblewrap", "deno", "docker", "gvisor"];

export const noEgress = (sandbox: string) => new BenchError("NO_EGRESS", { sandbox, others: egressBackends.join(", ") });

/** For a backend that cannot hold a guest to grants. Throws NO_EGRESS if the session asks for it. */
export function refuseEgress(sandbox: string, { egress }: OpenOptions): void {
  if (egress !== undefined) throw noEgress(sandbox);
}

/** `OpenOptions` as a backend passes it on that carries out egress itself. */
export const withoutEgress = ({ egress: _ours, ...options }: OpenOptions): OpenOptions => options;

/**
 * Gives the session a proxy that ends with its folder. `listen` makes the socket, in a folder that the guest sees; without
 * egress it does nothing. Throws EGRESS for a grant that could never match.
 */
export function egressFolder(
  folder: SessionFolder,
  egress: Egress | undefined,
): { readonly folder: SessionFolder; listen(guestFolder: string): Promise<void> } {
  if (egress === undefined) return { folder, listen: async () => undefined };
  const proxy = egressProxy(egress);
  const remove = async () => {
    await proxy.close();
    await folder.remove();
  };
  return { folder: { ...folder, remove }, listen: proxy.listen };
}
