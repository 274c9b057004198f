/** `types`: writes the server tree that programs import, so that an editor and a type checker see what guests get. */
import type { ToolDefinition } from "../../../contract/index.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";

const defaultFolder = ".generated";

const syntax: Syntax = {
  command: "types",
  positionals: "[SCENARIO...]",
  maxPositionals: Number.POSITIVE_INFINITY,
  summary: "write the server files that programs import, for a type checker",
  flags: [{ name: "out", value: "DIR", summary: `where servers/ is written (${defaultFolder})` }, configFlag],
  example: "mcp-code-bench types slack-polling --out .generated",
  notes: ["Put the folder and the scenario's programs/ into rootDirs of tsconfig.json.", "Files that are there are replaced."],
};

export const typesCommand: Command = {
  syntax,
  async run(args, cli) {
    const { scenarios } = await configuredRegistries(args, cli);
    const { select } = await import("../../run/selection.ts");
    const { commaSeparated } = await import("../values.ts");
    const { toolsOf } = await import("../../servers/extra-servers.ts");
    const { parameterSets } = await import("../../run/parameters.ts");
    const { buildTree } = await import("../../play/tree/tree.ts");
    const { mkdir, writeFile } = await import("node:fs/promises");
    const { dirname, resolve } = await import("node:path");
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
    const folder = resolve(cli.cwd, args.last("out") ?? defaultFolder);
    const files = buildTree([...tools.values()]);
    for (const [path, text] of files) {
      await mkdir(dirname(resolve(folder, path)), { recursive: true });
      await writeFile(resolve(folder, path), text);
    }
    cli.stdout.write(`${files.size} files in ${resolve(folder, "servers")}\n`);
    return 0;
  },
};
