/** Every peer, one line each. Loading one loads nothing of its package. */
import { type PeerFactory, registry } from "../../../contract/index.ts";

export const peerRegistry = registry<PeerFactory>("peer", {
  "cloudflare-codemode": async () => (await import("./cloudflare-codemode.ts")).cloudflareCodemode,
  "just-bash": async () => (await import("./just-bash.ts")).justBash,
  "utcp-code-mode": async () => (await import("./utcp-code-mode.ts")).utcpCodeMode,
});
