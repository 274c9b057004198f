/** Which backends a platform must run, and which of them need what only scripts/setup-sandboxes.sh gives. */
import { sandboxRegistry } from "../sandboxes/registry.ts";

export const needSetup: readonly string[] = ["docker", "gvisor", "bubblewrap", "srt", "qemu"];

/** Linux must run every backend but these: a floor that runs no programs, a second way to start qemu, one that needs a key. */
const notOnLinux: readonly string[] = ["null", "qemu-cold", "e2b"];

const required: { readonly [platform: string]: readonly string[] } = {
  linux: sandboxRegistry.ids.filter((id) => !notOnLinux.includes(id)),
  darwin: ["quickjs", "subprocess"],
  win32: ["quickjs"],
};

export const backendsOf = (platform: string): readonly string[] => required[platform] ?? [];
