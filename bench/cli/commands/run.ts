/** `run`: its flags. What it does is loaded when it does it, because its help is the first thing that many ask for. */
import type { Flag } from "../../../contract/flags/flag.ts";
import { limitFlags, settingFlags } from "../../run/settings.ts";
import type { Command } from "../command.ts";
import { configFlag } from "../configured.ts";
import type { Syntax } from "../flags.ts";

const syntax: Syntax = {
  command: "run",
  positionals: "[SCENARIO...]",
  maxPositionals: Number.POSITIVE_INFINITY,
  flags: [
    ...Object.values<Flag>(settingFlags),
    configFlag,
    ...Object.values<Flag>(limitFlags),
    { name: "out", value: "DIR", summary: "results folder (results/<run-id>)" },
    { name: "resume", value: "DIR", summary: "resume a run that was cut short" },
    { name: "json", summary: "one JSON document on stdout, no progress" },
    { name: "quiet", summary: "no progress" },
  ],
  example: "mcp-code-bench run slack-polling --seeds 3 --sandbox quickjs",
  notes: [
    "Flags with an ID may be repeated and take commas. See mcp-code-bench list.",
    "Policies: minimal, thorough, readme, repair, return-and-ask.",
    "Ctrl-C ends the run after the cell that is playing, writes the reports of what",
    "was played and exits with 130; a second Ctrl-C exits at once. --resume DIR takes",
    "everything from DIR/run.json, keeps what was played and plays the rest.",
    "Exits with 0 when all cells pass, 1 when a cell or a control fails, 2 on bad",
    "usage or a harness error.",
  ],
};

export const runCommand: Command = {
  syntax,
  run: async (args, cli) => (await import("../run-asked.ts")).runAsked(syntax, args, cli),
};
