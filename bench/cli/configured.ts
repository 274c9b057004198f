/** The parts that a command works with: the project's own and, where there is a configuration, the user's. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Flag } from "../../contract/flags/flag.ts";
import type { Registries, RunHost } from "../../contract/index.ts";
import type { CliProcess } from "./cli-process.ts";
import type { Arguments } from "./flags.ts";

/** Used when it is in the working directory and no other is named, as test runners do. */
const defaultConfig = "mcp-code-bench.config.ts";

export const configFlag: Flag = { name: "config", value: "FILE", summary: `your own parts (${defaultConfig})` };

/** Rejects with CONFIG when the configuration cannot be used. */
export async function configuredParts(args: Arguments, cli: CliProcess): Promise<Pick<RunHost, "registries" | "configuration">> {
  const own = await cli.registries();
  const named = args.last(configFlag.name);
  if (named === undefined && !existsSync(join(cli.cwd, defaultConfig))) return { registries: own, configuration: null };
  const { partsWith } = await import("../config/parts.ts");
  return partsWith(own, resolve(cli.cwd, named ?? defaultConfig));
}

/** The registries alone. Rejects with CONFIG when the configuration cannot be used. */
export async function configuredRegistries(args: Arguments, cli: CliProcess): Promise<Registries> {
  return (await configuredParts(args, cli)).registries;
}
