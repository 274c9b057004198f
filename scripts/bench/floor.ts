/**
 * The same work by hand: what somebody would write who wanted only the conversations' texts and their token counts, and
 * nothing of modes, bridges, sandboxes, ledgers or records. Fresh servers for each cell, raw SDK clients, QuickJS without
 * a host, and each distinct block tokenised once under each counter. The turns come from the modes' own agents, since
 * somebody has to say what is called; texts that the model is shown (system, wrapper files) come from the project, since
 * they are the work's input.
 */
import { Client } from "@modelcontextprotocol/client";
import { executeCodeTool, systemBlocks } from "../../bench/play/modes/code-execution/prompt.ts";
import { agentRegistry } from "../../bench/play/modes/registry.ts";
import { folderName, wrapperText } from "../../bench/play/tree/tree.ts";
import { identifier } from "../../bench/play/tree/typescript.ts";
import { blockText } from "../../bench/tokens/ledger/blocks.ts";
import type {
  Block,
  CellKey,
  Json,
  JsonObject,
  Mode,
  Scenario,
  ScenarioHost,
  ScriptResult,
  Serialisation,
  ToolDefinition,
  ToolUseBlock,
  WorldServer,
} from "../../contract/index.ts";
import { syntheticTools } from "../../fixtures/catalogue.ts";
import { syntheticServers } from "../../mock-mcp-servers/lib/synthetic.ts";
import type { BareTokenizer } from "./bare-tokenizers.ts";
import { floorEngine } from "./floor-quickjs.ts";

export interface FloorSetting {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly modes: ReadonlyMap<string, Mode>;
  readonly tokenizers: readonly BareTokenizer[];
  readonly serialisations: readonly Serialisation[];
  readonly host: ScenarioHost;
}

/** What a cell gave. */
export interface FloorCell {
  /** The conversation's texts, in the order of its blocks, under each serialisation; tools and system first. */
  readonly texts: readonly (readonly string[])[];
  /** `tokens[serialisation][tokenizer]` of all texts. */
  readonly tokens: readonly (readonly number[])[];
}

export interface Floor {
  play(key: CellKey): Promise<FloorCell>;
  close(): Promise<void>;
}

interface Connected {
  readonly server: WorldServer;
  readonly client: Client;
  readonly tools: readonly ToolDefinition[];
  readonly instructions: string | undefined;
}

/** Takes the list as it came: what the SDK parses, it also reorders, and definitions are counted as they were sent. */
const asSent = { "~standard": { version: 1 as const, vendor: "floor", validate: (value: unknown) => ({ value }) } };

async function connect(server: WorldServer): Promise<Connected> {
  const client = new Client({ name: "floor", version: "1.0.0" });
  await client.connect(await server.connect());
  const list = (await client.request({ method: "tools/list", params: {} }, asSent)) as {
    tools: Omit<ToolDefinition, "server">[];
  };
  const declares = server.modelled?.declaresOutput ?? true;
  const tools = list.tools.map(({ outputSchema, ...tool }) => ({
    ...{ ...tool, server: server.name },
    ...(declares && outputSchema !== undefined ? { outputSchema } : {}),
  }));
  return { server, client, tools, instructions: client.getInstructions() };
}

/** Milliseconds; the floor plays no policy that is cut off. */
const wallTimeMs = 30_000;

const systemTexts = (mode: "direct" | "code", all: readonly Connected[]): string[] =>
  systemBlocks(
    mode,
    all.flatMap(({ server, instructions: text }) => (text === undefined ? [] : [{ server: server.name, text }])),
  ).map(({ text }) => text);

async function close({ server, client }: Connected): Promise<void> {
  await server.close();
  await client.close();
}

export async function floor({ scenarios, modes, tokenizers, serialisations, host }: FloorSetting): Promise<Floor> {
  const runProgram = await floorEngine();
  const counts = new Map<string, readonly number[]>();
  const synthetic = new Map<string, Promise<readonly Connected[]>>();

  const count = (text: string): readonly number[] => {
    const known = counts.get(text);
    if (known !== undefined) return known;
    const tokens = tokenizers.map((tokenize) => tokenize(text));
    counts.set(text, tokens);
    return tokens;
  };

  /** The synthetic servers hold no state: connected once for each size and seed. */
  const extras = (size: number, seed: number): Promise<readonly Connected[]> => {
    const name = `${size}:${seed}`;
    const connected = synthetic.get(name) ?? Promise.all(syntheticServers(syntheticTools(size, seed)).map(connect));
    synthetic.set(name, connected);
    return connected;
  };

  return {
    async play(key) {
      const scenario = scenarios.get(key.scenario);
      const mode = modes.get(key.mode);
      if (scenario === undefined || mode === undefined) throw new TypeError(`Not loaded: ${key.scenario} or ${key.mode}.`);
      const { task, servers } = await scenario.world(key.params, key.seed, host);
      const own = await Promise.all(servers.map(connect));
      const ownTools = own.reduce((sum, { tools }) => sum + tools.length, 0);
      const all = key.tools === null ? own : [...own, ...(await extras(key.tools - ownTools, key.seed))];
      const clients = new Map(all.map(({ server, client }) => [server.name, client]));
      const call = async (server: string, name: string, input: JsonObject) => {
        const result = await clients.get(server)?.callTool({ name, arguments: input });
        if (result === undefined) throw new TypeError(`There is no server ${server}.`);
        const texts = result.content.map((block) => (block.type === "text" ? block.text : ""));
        const declared = all.some(
          (one) => one.server.name === server && one.tools.some((tool) => tool.name === name && tool.outputSchema !== undefined),
        );
        return {
          text: texts.join("\n"),
          structured: declared ? (result.structuredContent as Json | undefined) : undefined,
          isError: result.isError === true,
        };
      };
      const execute = mode.sandbox !== null ? programs(all, call, key.mode === "code-execution-echo") : direct(call);

      const blocks: Block[] = [{ type: "text", text: task.prompt }];
      const choice = { policy: key.policy, tools: all.flatMap(({ tools }) => tools), wallTimeMs };
      const agent = (await agentRegistry.load(key.mode))(scenario, task, choice);
      let results: readonly ScriptResult[] = [];
      for (let turn = agent.next(results); turn.done !== true; turn = agent.next(results)) {
        const uses: ToolUseBlock[] = [];
        for (const block of turn.value.content) {
          blocks.push(block);
          if (block.type === "tool_use") uses.push(block);
        }
        results = await Promise.all(uses.map(execute));
        for (const { text } of results) blocks.push({ type: "tool_result", tool_use_id: "", content: text });
      }
      await Promise.all(own.map(close));

      const shown =
        mode.sandbox !== null
          ? [JSON.stringify(executeCodeTool), ...systemTexts("code", all)]
          : [...all.flatMap(({ tools }) => tools).map(modelTool), ...systemTexts("direct", all)];
      const texts = serialisations.map((serialisation) => [...shown, ...blocks.map((block) => blockText(block, serialisation))]);
      const tokens = texts.map((list) => {
        const sums = tokenizers.map(() => 0);
        for (const text of list) for (const [at, tokens] of count(text).entries()) sums[at] = (sums[at] ?? 0) + tokens;
        return sums;
      });
      return { texts, tokens };
    },
    async close() {
      for (const connected of synthetic.values()) await Promise.all((await connected).map(close));
    },
  };

  function direct(call: Call) {
    return ({ name, input }: ToolUseBlock): Promise<ScriptResult> => {
      const [server = "", tool = ""] = name.split("__");
      return call(server, tool, input);
    };
  }

  function programs(connected: readonly Connected[], call: Call, echo: boolean) {
    const tools = connected.flatMap(({ tools }) => tools);
    const pathOf = (tool: ToolDefinition) => `servers/${folderName(tool.server)}/${identifier(tool.name)}.ts`;
    return async ({ input }: ToolUseBlock): Promise<ScriptResult> => {
      const seen: string[] = [];
      const printed = await runProgram(String(input.code), {
        async callTool(server, tool, inputJson) {
          const { text, structured } = await call(server, tool, JSON.parse(inputJson));
          if (echo) seen.push(text);
          return JSON.stringify(structured ?? text);
        },
        readFile(path) {
          const tool = tools.find((candidate) => pathOf(candidate) === path);
          if (tool === undefined) throw new Error(`There is no file ${path}.`);
          return wrapperText(tool);
        },
        readdir: (path) =>
          path === "servers"
            ? connected.map(({ server }) => folderName(server.name)).sort()
            : tools
                .map(pathOf)
                .filter((file) => file.startsWith(`${path}/`))
                .map((file) => file.slice(path.length + 1))
                .sort(),
      });
      return { text: [...seen, printed].join("\n"), isError: false };
    };
  }
}

type Call = (
  server: string,
  tool: string,
  input: JsonObject,
) => Promise<{ text: string; structured: Json | undefined; isError: boolean }>;

const modelTool = ({ server, name, description, inputSchema }: ToolDefinition): string =>
  JSON.stringify({ name: `${server}__${name}`, description, input_schema: inputSchema });
