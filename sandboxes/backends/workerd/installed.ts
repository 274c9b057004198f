/** The package whose binary is run: an optional peer. */
import { createRequire } from "node:module";

interface Installed {
  readonly version: string;
  /** Absolute path. */
  readonly binary: string;
}

export function installedWorkerd(): Installed | undefined {
  try {
    const require = createRequire(import.meta.url);
    const { version } = require("workerd/package.json") as { version: string };
    return { version, binary: (require("workerd") as { default: string }).default };
  } catch {
    // It is an optional peer, and has no binary for some platforms.
    return undefined;
  }
}
