/** The engine's name and version, for records. */
import { installedVersion } from "../engine/installed-version.ts";

export const engineVersion = `quickjs-wasi ${installedVersion("quickjs-wasi") ?? "unknown"}`;
