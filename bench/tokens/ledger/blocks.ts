/** What is counted, block by block. Ids, roles and the form of a message are not counted. */
import type {
  Block,
  Cause,
  Json,
  JsonObject,
  ModelTool,
  Serialisation,
  Shown,
  SystemBlock,
  Transcript,
} from "../../../contract/index.ts";

/** The cause of block `b` of message `m`. Throws TypeError if it has none: a transcript must give one for each block. */
export function causeOf({ causes }: Transcript, m: number, b: number): Cause {
  const cause = causes[m]?.[b];
  if (cause === undefined) throw new TypeError(`Block ${b} of message ${m} has no cause in the transcript.`);
  return cause;
}

/** What each turn's request showed beside its messages; the same object from one turn to the next where nothing changed. */
export function shownByTurn({ turns, ...start }: Transcript): readonly Shown[] {
  let now: Shown = start;
  return turns.map(({ shown }) => {
    now = shown ?? now;
    return now;
  });
}

/** A block that a request begins with. Framing has no text: only the provider has seen it. */
export type FixedBlock =
  | { readonly cause: "toolDefinitions"; readonly tool: ModelTool; readonly text: string }
  | { readonly cause: "framing"; readonly tokens: number }
  | SystemBlock;

/** In the order of the request: each tool, the provider's tool-use prompt if its size is known, the system text. */
export function fixedBlocks({ system, tools }: Shown, framingTokens: number | null): readonly FixedBlock[] {
  const definitions = tools.map((tool): FixedBlock => ({ cause: "toolDefinitions", tool, text: toolText(tool) }));
  const framing: FixedBlock[] = framingTokens ? [{ cause: "framing", tokens: framingTokens }] : [];
  return [...definitions, ...framing, ...system];
}

/** Framing is the one figure that does not come from a counter: the provider states it, in its own tokens. */
export function fixedBlockTokens(block: FixedBlock, count: (text: string) => number): number {
  return block.cause === "framing" ? block.tokens : count(block.text);
}

/**
 * Definitions as JSON, by input schema: a cell counts the same ones under every counter, and an in-memory server hands
 * out the same schema object in every cell.
 */
const toolTexts = new WeakMap<object, { readonly tool: ModelTool; readonly text: string }>();

export function toolText(tool: ModelTool): string {
  const known = toolTexts.get(tool.input_schema);
  if (known !== undefined && known.tool.name === tool.name && known.tool.description === tool.description) return known.text;
  const text = JSON.stringify(tool);
  toolTexts.set(tool.input_schema, { tool, text });
  return text;
}

/** The string of one block. Only a tool use differs between serialisations, and its id is never part of it. */
export function blockText(block: Block, serialisation: Serialisation): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "tool_result":
      return block.content;
    case "tool_use":
      return serialisation === "json" ? jsonUse(block.name, block.input) : rawUse(block.name, block.input);
  }
}

/** Whether both are certainly the same text: only what is flat is looked into, and in the order of its keys. */
export function isSameInput(a: JsonObject, b: JsonObject): boolean {
  if (a === b) return true;
  // What a model gives as input need be no object.
  if (!isPlain(a) || !isPlain(b)) return false;
  const others = Object.keys(b);
  let at = 0;
  for (const key in a) {
    if (key !== others[at] || a[key] !== b[key]) return false;
    at++;
  }
  return at === others.length;
}

const isPlain = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const jsonUse = (name: string, input: JsonObject): string => JSON.stringify({ name, input });

const rawUse = (name: string, input: JsonObject): string => `{"name":${JSON.stringify(name)},"input":${raw(input)}}`;

/** `JSON.stringify`, but string values stand as they are between their quotes. Keys are escaped as ever. */
function raw(value: Json): string {
  if (typeof value === "string") return `"${value}"`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(raw).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, field]) => `${JSON.stringify(key)}:${raw(field)}`)
    .join(",")}}`;
}

const isList = (value: readonly Json[] | JsonObject): value is readonly Json[] => Array.isArray(value);
