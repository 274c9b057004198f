/** Which backends a platform must run, and which of them need what only scripts/setup-sandboxes.sh gives. */
import required from "./required-backends.json" with { type: "json" };

export const needSetup: readonly string[] = ["docker", "gvisor", "bubblewrap", "srt", "qemu"];

export const backendsOf = (platform: string): readonly string[] =>
  (required as { readonly [platform: string]: readonly string[] })[platform] ?? [];
