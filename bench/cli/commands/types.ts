/** `types`: writes the server tree that programs import, so that an editor and a type checker see what guests get. */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { asText, type FlagOf, readFlag } from "../../../contract/flags/flag.ts";
import { select } from "../../../contract/flags/selection.ts";
import { commaSeparated } from "../../../contract/flags/values.ts";
import type { ToolDefinition } from "../../../contract/index.ts";
import { buildTree } from "../../play/tree/tree.ts";
import { parameterSets } from "../../run/parameters.ts";
import { toolsOf } from "../../servers/extra-servers.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";

const outFlag: FlagOf<string> = {
  ...{ name: "out", value: "DIR", summary: "where servers/ is written", default: ".generated" },
  read: asText,
};

const syntax: Syntax = {
  command: "types",
  positionals: "[SCENARIO...]",
  maxPositionals: Number.POSITIVE_INFINITY,
  flags: [outFlag, configFlag],
  example: "mcp-code-bench types slack-polling --out .generated",
  notes: ["Put the folder and the scenario's programs/ into rootDirs of tsconfig.json.", "Files that are there are replaced."],
};

export const typesCommand: Command = {
  syntax,
  async run(args, cli) {
    const { scenarios } = await configuredRegistries(args, cli);
    const selected = select("scenario", commaSeparated(args.positionals), scenarios);
    const signal = new AbortController().signal;
    const tools = new Map<string, ToolDefinition>();
    for (const id of selected) {
      const scenario = await scenarios.load(id);
      for (const params of parameterSets([scenario], []).get(id) ?? []) {
        // Parameters can add tools; of one that they change, the first variant's definition is written.
        for (const tool of await toolsOf(scenario, params, [], cli, signal)) {
          const name = `${tool.server}__${tool.name}`;
          if (!tools.has(name)) tools.set(name, tool);
        }
      }
    }
    const folder = resolve(cli.cwd, readFlag(outFlag, args.all));
    const files = buildTree([...tools.values()]);
    for (const [path, text] of files) {
      await mkdir(dirname(resolve(folder, path)), { recursive: true });
      await writeFile(resolve(folder, path), text);
    }
    cli.stdout.write(`${files.size} files in ${resolve(folder, "servers")}\n`);
    return 0;
  },
};
