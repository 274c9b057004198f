/** Prints the selection's jobs, one a line, for workers on this machine or others. `jobId` names them in a queue. */
import { createHost, prepare } from "mcp-code-bench";
import { selection } from "./selection.ts";

const prepared = await prepare(selection, await createHost());
for (const job of prepared.jobs) console.log(JSON.stringify(job));
await prepared.close();
