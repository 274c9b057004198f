/** The engine's name and version, for records. */
import { installedVersion } from "../../host/engine/installed-version.ts";

export const engineVersion = `quickjs-wasi ${installedVersion("quickjs-wasi") ?? "unknown"}`;
