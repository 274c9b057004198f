/** Summarise a sales CSV through the published filesystem server: real input, over a real pipe. */
import { salesCsv } from "../../fixtures/sales-csv.ts";
import { answerIs, untouched } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code } from "./code.ts";
import { direct } from "./direct.ts";
import { filesystemServer, filesystemServerInstalled } from "./filesystem-server.ts";
import { type CsvSummaryRealParams, params } from "./params.ts";
import { summarise } from "./summary.ts";

const path = "sales.csv";

export const csvSummaryReal = defineScenario<CsvSummaryRealParams>({
  id: "csv-summary-real",
  title: "Summarise a 100 KB sales CSV through the real filesystem server, over stdio",
  source: "ray-agents, Building production-ready AI Agents: From 98% token savings to scalable infrastructure",
  params,
  variants: [{}],
  virtualTime: false,
  async world(params, seed, host) {
    const files = new Map([[path, salesCsv({ kilobytes: params.kilobytes, seed })]]);
    const prompt =
      `Read ${path} with the filesystem server: how many rows of data does it have, how many units were sold in all, and in which region most? ` +
      `End your answer with one line of JSON: {"rows": <number>, "units": <number>, "bestRegion": <region>}`;
    return { task: { params, seed, prompt, facts: { path } }, servers: [filesystemServer({ files, ...host })] };
  },
  direct,
  code,
  needs: () => [{ server: "filesystem", tool: "read_text_file", plainText: true }],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `These are the file's figures.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const expected = summarise(salesCsv({ kilobytes: params.kilobytes, seed }));
    return [answerIs(end.answer, { ...expected }), ...untouched(end, ["filesystem"])];
  },
  async unavailable() {
    if (filesystemServerInstalled()) return undefined;
    return {
      reason: "@modelcontextprotocol/server-filesystem is not installed",
      fix: "Run npm install @modelcontextprotocol/server-filesystem.",
    };
  },
});
