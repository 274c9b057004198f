/** A configuration file becomes the parts that a run can name. */
import type { Registries, RunHost } from "../../contract/index.ts";
import { configContents } from "./contents.ts";
import { extendRegistries, loadConfig } from "./load-config.ts";

/**
 * The project's parts, and behind them those of `file`. Rejects with CONFIG when it cannot be used.
 *
 * @param file absolute; `undefined`: the project's own parts alone
 */
export async function partsWith(
  own: Registries,
  file: string | undefined,
): Promise<Pick<RunHost, "registries" | "configuration">> {
  if (file === undefined) return { registries: own, configuration: null };
  const config = await loadConfig(file);
  return {
    registries: await extendRegistries(own, config, file),
    configuration: { file, contents: () => configContents(file, config) },
  };
}
