import { expect, test } from "vitest";
import type { Counter, ModelRequest } from "../../contract/index.ts";
import { profile } from "../../testing/profile.ts";
import { windowGuard } from "./window-guard.ts";

const letters: Counter = { id: "letters", title: "Letters", version: "1", estimate: true, count: (text) => text.length };

test("tools that come later count from the request that shows them, and go with them", () => {
  const said = { role: "user" as const, content: [{ type: "text" as const, text: "x".repeat(60) }] };
  const request = (description: string, messages: number): ModelRequest => ({
    system: [{ cause: "system", text: "s" }],
    toolChoice: "auto",
    tools: [{ name: "t", description, input_schema: {} }],
    messages: Array.from({ length: messages }, () => said),
  });
  const model = { ...profile, contextWindowTokens: 300, toolUsePromptTokens: { auto: 0, any: 0 } };
  const check = windowGuard(letters, "json", model);
  check(request("", 1), 0);
  expect(() => check(request("y".repeat(200), 2), 1)).toThrow("Turn 1 needs ");
  expect(() => check(request("", 3), 2)).not.toThrow();
});
