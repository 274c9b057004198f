/** Plays the jobs that it reads from stdin, one a line, and prints their records. It knows nothing else of the run. */
import { createInterface } from "node:readline";
import { createHost, type Job, play, prepareJobs, readJob } from "mcp-code-bench";

const jobs: Job[] = [];
for await (const line of createInterface({ input: process.stdin })) jobs.push(readJob(JSON.parse(line)));

const player = await prepareJobs(jobs, await createHost());
try {
  for await (const { record } of play(jobs, player)) console.log(JSON.stringify(record));
} finally {
  await player.close();
}
