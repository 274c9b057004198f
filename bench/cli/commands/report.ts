/** `report`: renders what a run recorded, again or in another format. Plays nothing and changes nothing. */

import { resolve } from "node:path";
import { BenchError } from "../../../contract/errors.ts";
import { asText, type FlagOf, readFlag } from "../../../contract/flags/flag.ts";
import { select } from "../../../contract/flags/selection.ts";
import { readRecords, readRun } from "../../records/read-records.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";
import { render } from "./reports.ts";

/** A configuration may add formats, so the registry says which there are. */
const formatFlag: FlagOf<string> = {
  ...{ name: "format", value: "ID", summary: "terminal, markdown, csv, json, svg", default: "terminal" },
  read: asText,
};

const syntax: Syntax = {
  command: "report",
  positionals: "DIR",
  maxPositionals: 1,
  flags: [formatFlag, configFlag],
  example: "mcp-code-bench report results/20251121-093000 --format markdown",
  notes: ["Exits with 0 once printed, also where cells failed."],
};

export const reportCommand: Command = {
  syntax,
  async run(args, cli) {
    const [folder] = args.positionals;
    if (folder === undefined) {
      throw new BenchError("USAGE", {
        problem: "The folder of a run is missing.",
        fix: "Write mcp-code-bench report results/<run-id>.",
      });
    }
    const { reporters } = await configuredRegistries(args, cli);
    const wanted = readFlag(formatFlag, args.all);
    const [format = wanted] = select("format", [wanted], reporters);
    const path = resolve(cli.cwd, folder);
    const run = await readRun(path);
    const { records, notes } = await readRecords(path);
    cli.stdout.write(await render(reporters, format, run, records, notes, cli));
    return 0;
  },
};
