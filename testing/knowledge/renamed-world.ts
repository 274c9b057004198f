/**
 * The same world under other names, for one name at a time: what a program or input that does not look meets when a
 * field, a column or a file is called otherwise than it takes for granted. The prompt and the definitions stay.
 */
import { folderName } from "../../bench/play/tree/tree.ts";
import { identifier } from "../../bench/play/tree/typescript.ts";
import type { Bridge, CallReply, Json, JsonObject, ToolDefinition } from "../../contract/index.ts";
import { parsed, rewritten } from "./json.ts";
import type { JudgedUse } from "./use.ts";

export type Rename =
  /** Keys of results. */
  | { readonly what: "field"; readonly names: readonly string[] }
  /** A name in content: as a cell, a key, a word of a text; the world knows it under the new name alone. */
  | { readonly what: "content"; readonly names: readonly string[] }
  /** A tool's file, and with it the tool. */
  | { readonly what: "file"; readonly names: readonly string[] };

/**
 * The rename that an unadapted program must not survive; undefined: no rename applies. Values that a definition gives
 * are the tool's, and no world has them otherwise.
 */
export function renameFor({ kind, name, source }: JudgedUse): Rename | undefined {
  const learned = source !== "own" && source !== "definition";
  switch (kind) {
    case "file":
      return name.endsWith(".ts") ? { what: "file", names: [name] } : undefined;
    case "field":
      return { what: learned ? "content" : "field", names: [name] };
    case "inputKey":
    case "inputText":
    case "column":
    case "text":
      return learned ? { what: "content", names: [name] } : undefined;
    default:
      return undefined;
  }
}

/** `maxCalls`: a program that no longer finds what ends it gets the answer that its calls are used up. */
export function renamedWorld(bridge: Bridge, { what, names }: Rename, maxCalls: number): Bridge {
  const renamedTools = bridge.tools.map((tool) =>
    what === "file" && names.includes(fileOf(tool)) ? { ...tool, name: otherName(tool.name) } : tool,
  );
  const ownNames = new Map(renamedTools.map((tool, at) => [`${tool.server}__${tool.name}`, bridge.tools[at]?.name]));
  const others = new Map(names.map((name) => [name, otherName(name)]));
  const originals = new Map(names.map((name) => [otherName(name), name]));
  const either = wordsOf([...others.keys(), ...originals.keys()]);
  const fromWorld = {
    key: (key: string) => (what === "file" ? key : (others.get(key) ?? key)),
    text: (text: string) => (what === "content" ? text.replace(either, (word) => others.get(word) ?? word) : text),
  };
  const toWorld = (text: string) =>
    what === "content" ? text.replace(either, (word) => originals.get(word) ?? otherName(otherName(word))) : text;
  let calls = 0;
  return {
    ...bridge,
    tools: renamedTools,
    async call(server, tool, input, signal): Promise<CallReply> {
      const own = ownNames.get(`${server}__${tool}`);
      if (own === undefined) return { status: "denied", text: `There is no tool ${tool}.` };
      calls += 1;
      if (calls > maxCalls) return { status: "denied", text: `The ${maxCalls} calls are used up.` };
      return inOtherWords(await bridge.call(server, own, rewritten(input, toWorld, toWorld) as JsonObject, signal));
    },
  };

  function inOtherWords(reply: CallReply): CallReply {
    const { key, text } = fromWorld;
    const value = parsed(reply.text);
    const said = value === undefined ? text(reply.text) : JSON.stringify(rewritten(value, key, text));
    if (reply.status !== "ok" || reply.structured === undefined) return { ...reply, text: said };
    return { ...reply, text: said, structured: rewritten(reply.structured as Json, key, text) as JsonObject };
  }
}

/** No longer holds the name itself, so that a search for it finds nothing. */
function otherName(name: string): string {
  return `${name.slice(0, 1)}_renamed_${name.slice(1)}`;
}

function wordsOf(names: readonly string[]): RegExp {
  const either = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
  return new RegExp(`(?<![\\w$])(?:${either})(?![\\w$])`, "g");
}

function fileOf({ server, name }: ToolDefinition): string {
  return `servers/${folderName(server)}/${identifier(name)}.ts`;
}
