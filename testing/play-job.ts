/**
 * A process that knows one job of a run, which it reads as JSON from stdin. It prints the record, or the code
 * and message of what refused the job. Arguments: --config FILE, --catalogue FILE.
 */
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { BenchError, createHost, play, prepareJobs, readJob } from "../bench/index.ts";

const { values } = parseArgs({ options: { config: { type: "string" }, catalogue: { type: "string" } } });
try {
  const job = readJob(JSON.parse(await text(process.stdin)));
  const host = await createHost(values.config === undefined ? {} : { configFile: values.config });
  const player = await prepareJobs([job], host, values.catalogue);
  try {
    for await (const { record } of play([job], player)) console.log(JSON.stringify(record));
  } finally {
    await player.close();
  }
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
