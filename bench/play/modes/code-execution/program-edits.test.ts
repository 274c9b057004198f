import { describe, expect, test } from "vitest";
import { lookProgram, parsingText, wronglyImported } from "./program-edits.ts";

const read = { server: "shop", tool: "get_item" };

describe("a look", () => {
  test("calls the tool and prints how its text begins", () => {
    expect(lookProgram([{ ...read, look: { id: "a-1", "odd key": null } }])).toBe(
      'import { get_item } from "./servers/shop/get_item.ts";\n\n' +
        'console.log((await get_item({ id: "a-1", "odd key": null })).slice(0, 500));\n',
    );
  });

  test("at several tools is one program whose calls go out together", () => {
    expect(lookProgram([read, { server: "shop", tool: "list" }])).toContain(
      "for (const text of await Promise.all([get_item(), list()])) console.log(text.slice(0, 500));",
    );
  });
});

describe("a program for tools that return text", () => {
  const source = (body: string) => `import { get_item } from "./servers/shop/get_item.ts";\n${body}\n`;

  test.each([
    [
      "const { name }: { name: string } = await get_item({ id });",
      "const { name }: { name: string } = JSON.parse(await get_item({ id }));",
    ],
    [
      "await Promise.all(ids.map((id) => get_item({ id })));",
      "await Promise.all(ids.map((id) => get_item({ id }).then((text) => JSON.parse(text))));",
    ],
    ["await get_item(await get_item({}));", "JSON.parse(await get_item(JSON.parse(await get_item({}))));"],
    ["const get_item2 = 1; other.get_item();", "const get_item2 = 1; other.get_item();"],
  ])("parses what is awaited: %s", (before, after) => {
    expect(parsingText(source(before), [read])).toBe(source(after));
  });

  test("is untouched where the tool says what it returns", () => {
    const text = source("await get_item({});");
    expect(parsingText(text, [])).toBe(text);
    expect(parsingText(text, [{ server: "shop", tool: "put_item" }])).toBe(text);
  });
});

describe("a wrong first attempt", () => {
  test("names a file in camel case, and nothing else is changed", () => {
    const source =
      'import { get_item } from "./servers/shop/get_item.ts";\nimport { x } from "./servers/shop/x.ts";\nget_item(x);\n';
    expect(wronglyImported(source)).toBe(source.replace("shop/get_item.ts", "shop/getItem.ts"));
  });

  test("is wrong for a name of one word too", () => {
    expect(wronglyImported('import { sleep } from "./servers/clock/sleep.ts";')).toContain('"./servers/clock/sleepTool.ts"');
  });

  test("needs a tool to be wrong about", () => {
    expect(() => wronglyImported("console.log(1);")).toThrow("imports no tool");
  });
});
