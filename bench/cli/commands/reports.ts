/** From records to text and files: the one place that calls reporters. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BenchError,
  type CellRecord,
  type Registry,
  type Reporter,
  type ReportView,
  type RunInfo,
} from "../../../contract/index.ts";
import { RECORDS_FILE, RUN_FILE } from "../../records/files.ts";
import type { CliProcess } from "../cli-process.ts";

/** Renders one format for whoever reads `cli.stdout`. */
export async function render(
  reporters: Registry<Reporter>,
  format: string,
  run: RunInfo,
  records: readonly CellRecord[],
  notes: readonly string[],
  cli: CliProcess,
): Promise<string> {
  const reporter = await reporters.load(format);
  return reporter.render(run, records, terminalView(cli, notes));
}

/** Writes the files of a finished run and gives the paths of everything in the folder that a reader wants. */
export async function writeReports(
  reporters: Registry<Reporter>,
  folder: string,
  run: RunInfo,
  records: readonly CellRecord[],
  notes: readonly string[],
): Promise<readonly string[]> {
  const files = [join(folder, RUN_FILE), join(folder, RECORDS_FILE)];
  for (const format of reporters.defaults) {
    const reporter = await reporters.load(format);
    const file = join(folder, reporter.fileName);
    try {
      await writeFile(file, reporter.render(run, records, { columns: 80, colours: false, notes }));
    } catch (cause) {
      const problem = `${reporter.fileName} cannot be written (${cause instanceof Error ? cause.message : String(cause)})`;
      throw new BenchError("OUTPUT_FOLDER", { folder, problem }, { cause });
    }
    files.push(file);
  }
  return files;
}

/** A terminal's own width within what a report can use; 80 and no colours where there is none. Source: https://no-color.org. */
export function terminalView(cli: CliProcess, notes: readonly string[]): ReportView {
  const { isTTY, columns = 80 } = cli.stdout;
  const plain = !isTTY || (cli.env.NO_COLOR ?? "") !== "" || cli.env.TERM === "dumb";
  return { columns: isTTY ? Math.min(200, Math.max(60, columns)) : 80, colours: !plain, notes };
}
