import { expect, it } from "vitest";
import type { Counter, JsonObject, Transcript } from "../../../contract/index.ts";
import { blockText } from "./blocks.ts";
import { countTranscript } from "./counted.ts";

const letters: Counter = { id: "letters", title: "Letters", version: "1", estimate: true, count: (text) => text.length };

it.each<[string, readonly JsonObject[]]>([
  ["the same", [{ a: 1 }, { a: 1 }]],
  ["a value of another length", [{ a: 1 }, { a: 10 }]],
  ["a key more", [{ a: 1 }, { a: 1, b: 2 }]],
  ["a key less", [{ a: 1, b: 2 }, { a: 1 }]],
  ["another key", [{ a: 1 }, { long: 1 }]],
  ["more inside", [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, { a: [] }, { a: [1] }]],
  ["text for a number", [{ a: 1 }, { a: "1" }]],
  // As models write it that make mistakes.
  ["what is no object", [{ a: 1 }, null, { 0: 1 }, [1], "1", 1] as unknown as JsonObject[]],
])("a use of a tool has the tokens of its own text, whatever the one before was: %s", (_, inputs) => {
  const uses = inputs.map((input, at) => ({ type: "tool_use" as const, id: `${at}`, name: "t", input }));
  const transcript: Transcript = {
    ...{ system: [], tools: [], toolChoice: "auto", turns: [] },
    messages: uses.map((use) => ({ role: "assistant", content: [use] })),
    causes: uses.map(() => ["toolCalls"]),
  };
  for (const serialisation of ["json", "raw"] as const) {
    const own = uses.map((use) => [blockText(use, serialisation).length]);
    expect(countTranscript(transcript, letters, serialisation).tokens).toEqual(own);
  }
});
