import { describe, expect, test } from "vitest";
import { commandNames } from "./commands/registry.ts";
import { asTyped } from "./own-command.ts";

const clone = { npm_package_name: "mcp-code-bench", npm_lifecycle_event: "cli" };

describe("a command in a message", () => {
  test.each(commandNames)("%s is the npm script in a clone", (name) => {
    const text = `Run mcp-code-bench ${name} --json. Did you mean mcp-code-bench ${name}?`;
    const typed = `Run npm run --silent cli -- ${name} --json. Did you mean npm run --silent cli -- ${name}?`;
    expect(asTyped(text, clone)).toBe(typed);
    expect(asTyped(text, { ...clone, npm_lifecycle_event: "start" })).toBe(typed);
  });

  test("stays as it is in the package, under npx, in a user's own scripts and in tests", () => {
    const text = "Run mcp-code-bench list scenarios.";
    for (const env of [
      {},
      { npm_package_name: "theirs", npm_lifecycle_event: "cli" },
      { npm_package_name: "mcp-code-bench", npm_lifecycle_event: "npx" },
      { npm_package_name: "mcp-code-bench", npm_lifecycle_event: "test" },
    ])
      expect(asTyped(text, env)).toBe(text);
  });

  test("is not the project's name, nor a report's title", () => {
    for (const text of [
      "a defect in mcp-code-bench. Run it again",
      "mcp-code-bench sandboxes 20261121-181316",
      '"mcp-code-bench gate"',
    ])
      expect(asTyped(text, clone)).toBe(text);
  });
});
