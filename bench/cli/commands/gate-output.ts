/** Shows what `gate` found: on stdout, in a file, and where GitHub Actions looks. */
import { appendFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { jsonText, terminalText } from "../../../reports/escape.ts";
import { githubAnnotations, githubSummary } from "../../gate/formats/github.ts";
import { junitText } from "../../gate/formats/junit.ts";
import { peopleText, withoutCommands } from "../../gate/formats/people.ts";
import type { GateReport } from "../../gate/report.ts";
import type { CliProcess } from "../cli-process.ts";
import { type Format, fileError } from "./gate-files.ts";

/** Prints `format`, or, with `out`, writes it there and prints for people. */
export async function show(report: GateReport, format: Format, out: string | undefined, cli: CliProcess): Promise<void> {
  const onGitHub = cli.env.GITHUB_ACTIONS === "true";
  const render: { readonly [F in Format]: () => string } = {
    people: () => peopleText(report),
    json: () => `${jsonText(JSON.stringify(report, null, 2))}\n`,
    github: () => githubAnnotations(report),
    junit: () => junitText(report),
  };
  if (out !== undefined) {
    const place = { path: resolve(cli.cwd, out), name: out };
    await writeFile(place.path, render[format]()).catch((cause: unknown) => {
      throw fileError(place, "cannot be written", "Give another file with --out.", cause);
    });
  }
  const printed = out === undefined ? format : "people";
  const text = render[printed]();
  cli.stdout.write(onGitHub && printed === "people" ? withoutCommands(text) : text);
  if (onGitHub && printed === "people") cli.stdout.write(githubAnnotations(report));
  const summaryFile = cli.env.GITHUB_STEP_SUMMARY ?? "";
  if (summaryFile !== "" && (onGitHub || format === "github")) await appendSummary(summaryFile, githubSummary(report), cli);
}

/** A summary that cannot be written changes no verdict. */
async function appendSummary(file: string, text: string, cli: CliProcess): Promise<void> {
  await appendFile(file, text).catch((error: unknown) => {
    const problem = error instanceof Error ? error.message : String(error);
    cli.stderr.write(`The step summary was not written: ${terminalText(problem)}\n`);
  });
}
