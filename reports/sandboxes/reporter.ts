/** What a format of the sandbox bench is. */
import type { ReportView } from "../../contract/index.ts";
import type { BenchInfo } from "../../contract/sandbox-measurement.ts";
import type { BenchSummary } from "./summarise.ts";

/** Pure, as `Reporter` is. Messages and backends' texts are untrusted. */
export interface BenchReporter {
  readonly id: string;
  readonly title: string;
  readonly fileName: string;
  render(info: BenchInfo, summary: BenchSummary, view: ReportView): string;
}
