/** What a run needs of the machine, taken from this process: for callers of the public API. */
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import type { RunHost } from "../contract/index.ts";
import { aboutMachine } from "./cli/about-machine.ts";
import { partsWith } from "./config/parts.ts";
import { registries } from "./registries.ts";

export interface HostOptions extends Partial<Omit<RunHost, "registries" | "configuration">> {
  /** A configuration with parts of your own, e.g. `mcp-code-bench.config.ts`; none is looked for. */
  readonly configFile?: string;
}

/** This process and machine; what is given stands in place of the defaults. Rejects with CONFIG for a configuration that cannot be used. */
export async function createHost({ configFile, ...own }: HostOptions = {}): Promise<RunHost> {
  const { platform, version: nodeVersion } = process;
  return {
    ...(await partsWith(registries, configFile === undefined ? undefined : resolve(configFile))),
    env: process.env,
    platform,
    machine: (await aboutMachine({ platform, nodeVersion })).machine,
    now: () => performance.now(),
    date: () => new Date(),
    tmpDir: tmpdir(),
    nodePath: process.execPath,
    signal: new AbortController().signal,
    ...own,
  };
}
