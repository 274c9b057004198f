/**
 * The floor of a cell: its saved conversation once more, without modes, models, bridge, ledger or records. For each one:
 * the scenario's fresh servers, raw SDK clients, the same calls; each program in the quickjs-inprocess backend, which has
 * no thread and no pool; every text counted with the bare tokenizer, those that every conversation begins with only once.
 * It is rough in our favour and against us: the backend is ours, and what the model said is read and not made.
 */
import { Client } from "@modelcontextprotocol/client";
import { buildTree } from "../../bench/play/tree/tree.ts";
import { blockText } from "../../bench/tokens/ledger/blocks.ts";
import type {
  CellKey,
  GuestBridge,
  JsonObject,
  SandboxHost,
  SavedTranscript,
  Session,
  ToolDefinition,
  ToolUseBlock,
  WorldServer,
} from "../../contract/index.ts";
import { quickjsInprocess } from "../../sandboxes/backends/quickjs-inprocess/sandbox.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { bareTokenizer } from "./bare-tokenizers.ts";
import { counterId } from "./saved-run.ts";

export interface Replayer {
  /** Throws where a result is not the saved one: then it would not be the same work. */
  replay(saved: SavedTranscript): Promise<void>;
  close(): Promise<void>;
}

interface Connected {
  readonly server: WorldServer;
  readonly client: Client;
  readonly tools: readonly ToolDefinition[];
}

const memoryBytes = 2 ** 28;
const options = { wallTimeMs: 30_000, outputBytes: 2 ** 20, virtualTime: true };

export async function replayer(host: SandboxHost): Promise<Replayer> {
  const count = await bareTokenizer(counterId);
  const sandbox = quickjsInprocess(host);
  const counted = new Set<string>();
  const trees = new Map<string, ReadonlyMap<string, string>>();
  /** Of one scenario under the same parameters it is always the same. */
  const tree = ({ scenario, params }: CellKey, connected: readonly Connected[]) => {
    const name = JSON.stringify([scenario, params]);
    const files = trees.get(name) ?? buildTree(connected.flatMap(({ tools }) => tools));
    trees.set(name, files);
    return files;
  };
  return {
    async replay({ key, episodes }) {
      const scenario = await scenarioRegistry.load(key.scenario);
      const { servers } = await scenario.world(key.params, key.seed, host);
      const connected = await Promise.all(servers.map(connect));
      const bridge = rawBridge(connected);
      for (const { transcript } of episodes.flatMap(({ contexts }) => contexts)) {
        for (const text of [
          ...transcript.tools.map((tool) => JSON.stringify(tool)),
          ...transcript.system.map(({ text }) => text),
        ]) {
          if (!counted.has(text)) count(text);
          counted.add(text);
        }
        let session: Session | undefined;
        const use = async ({ name, input }: ToolUseBlock): Promise<string> => {
          if (typeof input.code === "string") {
            session ??= await sandbox.open({ language: "javascript", files: tree(key, connected), memoryBytes });
            return (await session.run({ file: "program.ts", source: input.code }, { ...options, bridge })).text;
          }
          const [server = "", tool = ""] = name.split("__");
          return (await bridge.call(server, tool, input)).text;
        };
        const results = new Map<string, string>();
        for (const { content } of transcript.messages) {
          for (const block of content) {
            count(blockText(block, "json"));
            if (block.type === "tool_use") results.set(block.id, await use(block));
            if (block.type === "tool_result") expectSame(results.get(block.tool_use_id), block.content);
          }
        }
        await session?.close();
      }
      for (const { client, server } of connected) {
        await client.close();
        await server.close();
      }
    },
    close: () => sandbox.dispose(),
  };
}

/** The SDK would compile a validator of every tool's results; nobody needs those here. */
const unchecked = { "~standard": { version: 1 as const, vendor: "floor", validate: (value: unknown) => ({ value }) } };

async function connect(server: WorldServer): Promise<Connected> {
  const client = new Client({ name: "floor", version: "1.0.0" });
  await client.connect(await server.connect());
  const declares = server.modelled?.declaresOutput ?? true;
  const list = (await client.request({ method: "tools/list", params: {} }, unchecked)) as {
    readonly tools: readonly Omit<ToolDefinition, "server">[];
  };
  const tools = list.tools.map(({ outputSchema, ...tool }) => ({
    ...{ ...tool, server: server.name },
    ...(declares && outputSchema !== undefined ? { outputSchema } : {}),
  }));
  return { server, client, tools };
}

function rawBridge(connected: readonly Connected[]): GuestBridge {
  const byName = new Map(connected.map((one) => [one.server.name, one]));
  return {
    async call(server, name, input) {
      const { client, tools } = byName.get(server) ?? {};
      const result = await client?.callTool({ name, arguments: input });
      const declares = tools?.some((tool) => tool.name === name && tool.outputSchema !== undefined);
      const text = result?.content.map((block) => (block.type === "text" ? block.text : "")).join("\n") ?? "";
      const structured = declares === true ? (result?.structuredContent as JsonObject | undefined) : undefined;
      return { status: "ok", text, ...(structured === undefined ? {} : { structured }) };
    },
  };
}

function expectSame(result: string | undefined, saved: string): void {
  if (result !== saved) throw new Error(`The floor got ${result?.slice(0, 300)} where ${saved.slice(0, 300)} was saved.`);
}
