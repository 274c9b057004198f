/** Tokens of the same tools as direct's definitions, as the generated file tree, and as json-schema-to-typescript says it. */
import { tmpdir } from "node:os";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { buildTree, wrapperText } from "../../bench/play/tree/tree.ts";
import { docComment, identifier } from "../../bench/play/tree/typescript.ts";
import { connect } from "../../bench/servers/connection.ts";
import type { ToolDefinition } from "../../contract/index.ts";
import { syntheticTools } from "../../fixtures/catalogue.ts";
import { clockTools } from "../../mock-mcp-servers/clock/server.ts";
import { googleDriveTools } from "../../mock-mcp-servers/google-drive/server.ts";
import { salesforceTools } from "../../mock-mcp-servers/salesforce/server.ts";
import { slackTools } from "../../mock-mcp-servers/slack/server.ts";
import { filesystemServer } from "../../scenarios/csv-summary-real/filesystem-server.ts";
import { bareTokenizer } from "./bare-tokenizers.ts";
import type { Benchmark } from "./comparison.ts";

export const tree: Benchmark = {
  id: "tree",
  title: "Tokens of tool definitions: direct's JSON, our TypeScript tree, json-schema-to-typescript's",
  async run() {
    const count = await bareTokenizer("o200k_base");
    const servers: [string, readonly ToolDefinition[]][] = [
      ["google-drive", googleDriveTools({ serverQuery: true, maxRowsPerRead: 0 })],
      ["salesforce", salesforceTools],
      ["slack", slackTools],
      ["clock", clockTools],
      ["filesystem (real)", await filesystemTools()],
      ["synthetic", syntheticTools(400, 1)],
    ];
    const rows: string[][] = [];
    for (const [name, tools] of servers) {
      const sum = (text: (tool: ToolDefinition) => string) => tools.reduce((tokens, tool) => tokens + count(text(tool)), 0);
      const direct = sum(directJson);
      const files = [...buildTree(tools).values()].reduce((tokens, text) => tokens + count(text), 0);
      const withoutOutput = sum(({ outputSchema: _, ...tool }) => wrapperText(tool));
      const library = new Map<ToolDefinition, string>();
      for (const tool of tools) library.set(tool, await libraryText(tool, true));
      const libraryInput = new Map<ToolDefinition, string>();
      for (const tool of tools) libraryInput.set(tool, await libraryText(tool, false));
      const theirs = sum((tool) => library.get(tool) ?? "");
      const theirsInput = sum((tool) => libraryInput.get(tool) ?? "");
      const figures = [tools.length, direct, files, withoutOutput, files - withoutOutput, theirs, theirsInput];
      rows.push([
        name,
        ...figures.map((figure) => figure.toLocaleString("en-US")),
        ...[files / direct, withoutOutput / direct, files / theirs].map((ratio) => `${ratio.toFixed(2)}x`),
      ]);
    }
    return {
      comparisons: [],
      listings: [
        {
          title: "Tokens (o200k_base), every tool of a server",
          head: [
            "server",
            "tools",
            "direct",
            "tree",
            "no output",
            "output types",
            "library",
            "no output",
            "tree/direct",
            "no output/direct",
            "tree/library",
          ],
          rows,
        },
      ],
      notes: [
        "direct: the JSON of {name, description, input_schema}, which has no output types. tree: the text of every generated file. library: the same files with types by json-schema-to-typescript, without its banner.",
        "A conversation in code reads only the files that it needs, so none of these is what code execution pays.",
      ],
    };
  },
};

const directJson = ({ server, name, description, inputSchema }: ToolDefinition) =>
  JSON.stringify({ name: `${server}__${name}`, description, input_schema: inputSchema });

async function filesystemTools(): Promise<readonly ToolDefinition[]> {
  const server = filesystemServer({ files: new Map(), tmpDir: tmpdir(), nodePath: process.execPath });
  const connection = await connect(server, { timeoutMs: 30_000 });
  await connection.close();
  return connection.tools;
}

/** The wrapper as one would write it around the library's interfaces. */
async function libraryText(
  { server, name, description, inputSchema, outputSchema }: ToolDefinition,
  output: boolean,
): Promise<string> {
  const types = async (schema: unknown, typeName: string) =>
    // The library adds what it finds to the schema it is given.
    compile(structuredClone(schema) as JSONSchema, typeName, { bannerComment: "", additionalProperties: false, format: true });
  const input = await types(inputSchema, "Input");
  const result = outputSchema === undefined || !output ? "" : await types(outputSchema, "Output");
  const call = `callTool(${JSON.stringify(server)}, ${JSON.stringify(name)}, input)`;
  const returned = result === "" ? "string" : "Output";
  return `${input}${result}${docComment(description, "")}export const ${identifier(name)} = (input: Input): Promise<${returned}> =>\n  ${call};\n`;
}
