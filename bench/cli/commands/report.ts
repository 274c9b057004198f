/** `report`: renders what a run recorded, again or in another format. Plays nothing and changes nothing. */

import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";

const syntax: Syntax = {
  command: "report",
  positionals: "DIR",
  maxPositionals: 1,
  summary: "print a finished run's records in a format",
  flags: [{ name: "format", value: "ID", summary: "terminal (default), markdown, csv, json" }, configFlag],
  example: "mcp-code-bench report results/20251121-093000 --format markdown",
  notes: ["Exits with 0 once printed, also where cells failed."],
};

export const reportCommand: Command = {
  syntax,
  async run(args, cli) {
    const [folder] = args.positionals;
    const { BenchError } = await import("../../../contract/errors.ts");
    if (folder === undefined) {
      throw new BenchError("USAGE", {
        problem: "The folder of a run is missing.",
        fix: "Write mcp-code-bench report results/<run-id>.",
      });
    }
    const { select } = await import("../../run/selection.ts");
    const { reporters } = await configuredRegistries(args, cli);
    const wanted = args.last("format") ?? "terminal";
    const [format = wanted] = select("format", [wanted], reporters);
    const { resolve } = await import("node:path");
    const { readRecords, readRun } = await import("../../records/read-records.ts");
    const path = resolve(cli.cwd, folder);
    const run = await readRun(path);
    const { records, notes } = await readRecords(path);
    const { render } = await import("./reports.ts");
    cli.stdout.write(await render(reporters, format, run, records, notes, cli));
    return 0;
  },
};
