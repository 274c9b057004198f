/** The parts that a command works with: the project's own and, where there is a configuration, the user's. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Registries } from "../../contract/index.ts";
import type { CliProcess } from "./cli-process.ts";
import type { Arguments, Flag } from "./flags.ts";

/** Used when it is in the working directory and no other is named, as test runners do. */
const defaultConfig = "mcp-code-bench.config.ts";

export const configFlag: Flag = { name: "config", value: "FILE", summary: `your own parts (${defaultConfig})` };

/** Rejects with CONFIG when the configuration cannot be used. */
export async function configuredRegistries(args: Arguments, cli: CliProcess): Promise<Registries> {
  const named = args.last(configFlag.name);
  const file = resolve(cli.cwd, named ?? defaultConfig);
  const own = await cli.registries();
  if (named === undefined && !existsSync(join(cli.cwd, defaultConfig))) return own;
  const { extendRegistries, loadConfig } = await import("../config/load-config.ts");
  return extendRegistries(own, await loadConfig(file), file);
}
