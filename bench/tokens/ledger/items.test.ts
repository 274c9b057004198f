import { expect, it } from "vitest";
import type { Counter, ModelProfile, ModelTool, TokenItem, Transcript } from "../../../contract/index.ts";
import { profile as unframed } from "../../../testing/profile.ts";
import { tokenItems } from "./items.ts";

const letters: Counter = { id: "letters", title: "Letters", version: "1", estimate: true, count: (text) => text.length };
const profile: ModelProfile = { ...unframed, toolUsePromptTokens: { auto: 50, any: 60 } };
const tool = (name: string): ModelTool => ({ name, description: "", input_schema: {} });

/** Two calls of two tools, and a program with a label. */
const transcript: Transcript = {
  system: [
    { cause: "system", text: "be brief" },
    { cause: "instructions", server: "crm", text: "records" },
  ],
  toolChoice: "auto",
  tools: [tool("drive__get"), tool("crm__put")],
  messages: [
    { role: "user", content: [{ type: "text", text: "do it" }] },
    {
      role: "assistant",
      content: [
        { type: "tool_use", id: "1", name: "drive__get", input: {} },
        { type: "tool_use", id: "2", name: "execute_code", input: { code: "" } },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "1", content: "x".repeat(100) },
        { type: "tool_result", tool_use_id: "2", content: "y" },
      ],
    },
    { role: "assistant", content: [{ type: "text", text: "done" }] },
  ],
  causes: [["prompt"], ["toolCalls", "code"], ["toolResults", "codeOutput"], ["answer"]],
  turns: [
    { messagesSeen: 1, gapSeconds: 0 },
    { messagesSeen: 3, gapSeconds: 0 },
  ],
  labels: { 2: "copy.ts" },
};

const named = (items: readonly TokenItem[]) =>
  items.map(({ cause, name, peakContext, billedInput, billedOutput }) => [cause, name, peakContext, billedInput, billedOutput]);

it("names definitions, calls and results by their tool, programs by their label, instructions by their server, and other text by nothing", () => {
  const definition = JSON.stringify(tool("drive__get")).length;
  const call = JSON.stringify({ name: "drive__get", input: {} }).length;
  const program = JSON.stringify({ name: "execute_code", input: { code: "" } }).length;
  expect(named(tokenItems(transcript, letters, "json", profile))).toEqual([
    ["toolDefinitions", "drive__get", definition, 2 * definition, 0],
    ["toolDefinitions", "crm__put", definition - 2, 2 * (definition - 2), 0],
    ["framing", "", 50, 100, 0],
    ["system", "", 8, 16, 0],
    ["instructions", "crm", 7, 14, 0],
    ["prompt", "", 5, 10, 0],
    ["toolCalls", "drive__get", call, call, call],
    ["code", "copy.ts", program, program, program],
    ["toolResults", "drive__get", 100, 100, 0],
    ["codeOutput", "copy.ts", 1, 1, 0],
    ["answer", "", 4, 0, 4],
  ]);
});

it("without a label a program is named by its tool", () => {
  const { labels: _, ...unlabelled } = transcript;
  expect(named(tokenItems(unlabelled, letters, "json", profile))).toContainEqual(["codeOutput", "execute_code", 1, 1, 0]);
});

it("in a large catalogue the tools of a server that is never called are one item", () => {
  const many = Array.from({ length: 60 }, (_, i) => tool(`unused__t${i}`));
  const items = tokenItems({ ...transcript, tools: [...transcript.tools, ...many] }, letters, "json", profile);
  expect(items.filter(({ cause }) => cause === "toolDefinitions").map(({ name }) => name)).toEqual([
    "drive__get",
    "crm__*",
    "unused__*",
  ]);
});
