/** Everything that the model has been shown so far, and whether a use stands in it. */
import type { Conversation, ConversationUse } from "./conversation.ts";
import { type Definition, definitionOf, definitionsIn, type FileDefinition } from "./definitions.ts";
import { leavesOf, valuesIn } from "./json.ts";
import { isId, quotedIn, standsIn } from "./text.ts";
import type { Source, Use } from "./use.ts";

export interface Shown {
  /** Where the use stands; undefined: nowhere. */
  sourceOf(use: Use): Source | undefined;
  addResult(result: ConversationUse["result"]): void;
  addOwnFiles(files: Iterable<string>): void;
}

const numberWords = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

export function shownAtStart({ system, prompt, tools }: Pick<Conversation, "system" | "prompt" | "tools">): Shown {
  const quoted = quotedIn(prompt);
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  const definitions = new Map<string, FileDefinition>();
  const listed = new Set<string>();
  /** What listings printed: names of folders and files, never content. */
  const listings: string[] = [];
  const results: string[] = [];
  const numbers = new Set<number>();
  const ownFiles = new Set<string>();

  return {
    sourceOf,
    addResult({ text, discovery }) {
      const read = definitionsIn(text);
      for (const definition of read.definitions) {
        definitions.set(`servers/${definition.folder}/${definition.exported}.ts`, definition);
      }
      for (const file of [...read.listed, ...filesListed(read.rest)]) listed.add(file);
      if (discovery) {
        listings.push(read.rest);
        return;
      }
      results.push(read.rest);
      for (const { leaf } of valuesIn(read.rest).flatMap((value) => [...leavesOf(value)])) {
        if (typeof leaf === "number") numbers.add(leaf);
        else results.push(leaf);
      }
    },
    addOwnFiles(files) {
      for (const file of files) ownFiles.add(file);
    },
  };

  function sourceOf({ kind, name, of }: Use): Source | undefined {
    switch (kind) {
      case "tool":
        return toolsByName.has(name) ? "definition" : undefined;
      case "platform":
        return standsIn(system, name) ? "system" : undefined;
      case "file":
        return fileSource(name);
      case "export":
        return definitions.get(of ?? "")?.exported === name ? "definition" : undefined;
      case "field":
        return [...definitions.values()].some(({ outputKeys }) => outputKeys.has(name)) ? "definition" : contentSource(name);
      case "inputKey":
        return definitionNamed(of)?.inputKeys.has(name) ? "definition" : contentSource(name);
      case "inputText":
        return textSource(name) ?? (gives(definitionNamed(of), name) ? "definition" : undefined);
      case "column":
        return contentSource(name);
      case "text":
        return textSource(name) ?? ([...definitions.values()].some((one) => one.values.has(name)) ? "definition" : undefined);
      case "position":
        return results.length > 0 ? "result" : undefined;
      case "number":
        return numberSource(Number(name), definitionNamed(of)?.text);
    }
  }

  function fileSource(path: string): Source | undefined {
    if (standsIn(system, path) && path === "servers") return "system";
    if (listed.has(path)) return "listing";
    const [, folder, ...deeper] = path.split("/");
    const isFolder = folder !== undefined && deeper.length === 0;
    return isFolder && listings.some((text) => text.split(/\s+/).includes(folder)) ? "listing" : undefined;
  }

  /** Names of content: a definition says nothing about them, and prose that happens to hold the word does not name it. */
  function contentSource(name: string): Source | undefined {
    if (quoted.has(name)) return "prompt";
    return results.some((text) => standsIn(text, name)) ? "result" : undefined;
  }

  function textSource(text: string): Source | undefined {
    if (ownFiles.has(text)) return "own";
    if (isId(text) && standsIn(prompt, text)) return "prompt";
    return contentSource(text);
  }

  function numberSource(value: number, definition: string | undefined): Source | undefined {
    if (hasNumber(system, value)) return "system";
    if (hasNumber(prompt, value) || (numberWords[value] && standsIn(prompt.toLowerCase(), numberWords[value]))) return "prompt";
    // Steps of a size that a result gave: the offsets of further pages.
    if ([...numbers].some((step) => step >= 10 && value % step === 0)) return "result";
    if (numbers.has(value) || results.some((text) => hasNumber(text, value))) return "result";
    const said = definition === undefined ? [...definitions.values()].map(({ text }) => text) : [definition];
    return said.some((text) => hasNumber(text, value)) ? "definition" : undefined;
  }

  function definitionNamed(name = ""): Definition | undefined {
    const tool = toolsByName.get(name);
    return tool === undefined ? definitions.get(name) : definitionOf(tool);
  }
}

function gives(definition: Definition | undefined, value: string): boolean {
  return definition !== undefined && (definition.values.has(value) || standsIn(definition.examples, value));
}

/** Files below `servers/` that a text names: in full, or on the line of their folder. */
function filesListed(text: string): string[] {
  const files: string[] = [];
  for (const [path] of text.matchAll(/servers\/[\w.-]+\/[\w$.-]+\.ts/g)) files.push(path);
  for (const [, folder, names = ""] of text.matchAll(/^(servers\/[\w.-]+):(.*)$/gm)) {
    for (const name of names.trim().split(/\s+/)) files.push(`${folder}/${name}`);
  }
  return files;
}

/** The number in digits, with or without commas at thousands, and not as part of a longer number or word. */
function hasNumber(text: string, value: number): boolean {
  const forms = [String(value), value.toLocaleString("en-US")].map((form) => form.replaceAll(".", "\\."));
  return new RegExp(`(?<![\\w.])(?<!\\d,)(?:${forms.join("|")})(?!\\w|[.,]\\d)`).test(text);
}
