import { describe, expect, test } from "vitest";
import { wrapperText } from "../../bench/play/tree/tree.ts";
import type { Cause, JsonObject, Message, ToolDefinition, Transcript } from "../../contract/index.ts";
import { judge, violations } from "./judge.ts";
import { violationText } from "./use.ts";

const readSheet: ToolDefinition = {
  server: "drive",
  name: "read_sheet",
  description: "Read a sheet.\nAt most 400 rows are returned.",
  inputSchema: {
    type: "object",
    properties: {
      sheetId: { type: "string", description: "ID of the sheet, e.g. Budget, Orders. Not its title" },
      order: { enum: ["rising", "falling"] },
      fields: { type: "object", additionalProperties: { type: "string" } },
    },
    required: ["sheetId"],
  },
  outputSchema: {
    type: "object",
    properties: {
      values: { type: "array", items: { type: "array", items: { type: "string" } } },
      kind: { enum: ["sheet", "document"] },
    },
  },
};

const system =
  "Servers are below /workspace: servers/<server>/<tool>.ts. Programs have node:fs/promises (readFile, writeFile, readdir), console and timers.";
const prompt =
  'How many rows of sheet s-17 have "open" in the column "Status"? End with {"Units": <number>}. Name the first five.';

interface MadeUse {
  readonly code?: string;
  readonly tool?: string;
  readonly input?: JsonObject;
  readonly result?: string;
  readonly failed?: boolean;
  readonly discovery?: boolean;
}

function transcript(turns: readonly (readonly MadeUse[])[]): Transcript {
  const messages: Message[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
  const causes: Cause[][] = [["prompt"]];
  const labels: Record<string, string> = {};
  let next = 0;
  for (const turn of turns) {
    const uses = turn.map((use) => ({ ...use, id: `use-${next++}` }));
    for (const { id, code } of uses) if (code !== undefined) labels[id] = "p.ts";
    messages.push({
      role: "assistant",
      content: uses.map(({ id, code, tool = "execute_code", input = { code: code ?? "" } }) => ({
        type: "tool_use" as const,
        id,
        name: tool,
        input,
      })),
    });
    messages.push({
      role: "user",
      content: uses.map(({ id, result = "", failed }) => ({
        type: "tool_result" as const,
        tool_use_id: id,
        content: result,
        ...(failed ? { is_error: true as const } : {}),
      })),
    });
    causes.push(
      uses.map(() => "code"),
      uses.map(({ discovery }) => (discovery ? "discovery" : "codeOutput")),
    );
  }
  const tools = [
    { name: "execute_code", description: "", input_schema: { type: "object", properties: { code: { type: "string" } } } },
    { name: "drive__read_sheet", description: readSheet.description, input_schema: readSheet.inputSchema },
  ];
  return { system: [{ cause: "system", text: system }], tools, toolChoice: "auto", messages, causes, labels, turns: [] };
}

const listServers: MadeUse = {
  code: 'import { readdir } from "node:fs/promises";\nconsole.log((await readdir("servers")).join("\\n"));',
  result: "drive\ncrm\n",
  discovery: true,
};
const listFolder: MadeUse = {
  code: 'const folders = ["servers/drive"];\nfor (const folder of folders) console.log(folder);',
  result: "servers/drive: read_sheet.ts write_sheet.ts\n",
  discovery: true,
};
const readFileOf: MadeUse = { code: "", result: wrapperText(readSheet), discovery: true };
const discovery = [[listServers], [listFolder], [readFileOf]];

/** What a program uses that nothing has shown after the tree was looked at, as `kind name`. */
function unknown(code: string, before: readonly (readonly MadeUse[])[] = []): string[] {
  return violations(transcript([...discovery, ...before, [{ code }]])).map(({ kind, name }) => `${kind} ${name}`);
}

const readIt =
  'import { read_sheet } from "./servers/drive/read_sheet.ts";\nconst page = await read_sheet({ sheetId: "s-17" });\n';
const printed = (result: string): readonly (readonly MadeUse[])[] => [[{ code: "", result }]];

describe("files", () => {
  const use = { code: 'import { read_sheet } from "./servers/drive/read_sheet.ts";' };
  const namesOf = (turns: readonly (readonly MadeUse[])[]) =>
    violations(transcript(turns)).map(({ kind, name }) => `${kind} ${name}`);

  test("a file that was listed and read may be imported", () => expect(namesOf([...discovery, [use]])).toEqual([]));
  test("a file that was not listed may be neither imported nor read", () => {
    const read = {
      code: 'const files = ["servers/drive/read_sheet.ts"];\nfor (const file of files) console.log(await readFile(file));\nimport { readFile } from "node:fs/promises";',
    };
    expect(namesOf([[use]])).toEqual(["file servers/drive/read_sheet.ts", "export read_sheet"]);
    expect(namesOf([[listServers], [read]])).toEqual(["file servers/drive/read_sheet.ts"]);
    expect(namesOf([[listServers], [listFolder], [read]])).toEqual([]);
  });
  test("a file that was listed and not read has no exports", () =>
    expect(namesOf([[listServers], [listFolder], [use]])).toEqual(["export read_sheet"]));
  test("an export that the definition does not have is unknown", () =>
    expect(unknown('import { readSheet } from "./servers/drive/read_sheet.ts";')).toEqual(["export readSheet"]));
  test("a folder has to be listed, and what goes out together does not know each other's results", () => {
    expect(namesOf([[listFolder]])).toEqual(["file servers/drive"]);
    expect(namesOf([[listServers, listFolder]])).toEqual(["file servers/drive"]);
    expect(namesOf([[listServers], [listFolder]])).toEqual([]);
  });
  test("a file's name before its definition, in a listing of a whole folder, lists it", () => {
    const readFolder = { code: "", result: `// read_sheet.ts\n${wrapperText(readSheet)}\n`, discovery: true };
    expect(namesOf([[listServers], [readFolder], [use]])).toEqual([]);
  });
});

describe("what the language and the guest give", () => {
  test.each([
    "const best = Object.entries({}).sort(([, a], [, b]) => Number(b) - Number(a));\nconsole.log(best.length, Math.PI);",
    'await new Promise((resolve) => setTimeout(resolve, 5 * 1000));\nconsole.log(typeof best === "string");\nconst best = 1;',
    'const seen = new Map();\ntry {\n  seen.set("", 1);\n} catch (error) {\n  console.log(error.message, seen.size);\n}',
    'import { readFile } from "node:fs/promises";\nconsole.log((await readFile("servers", "utf8")).split(/\\s+\\d{2,4}/u));',
  ])("is never learned: %s", (code) => expect(unknown(code)).toEqual([]));
  test("a property of a class is a field on anything else", () =>
    expect(unknown(`${readIt}console.log(page.size, page.message, page.entries);`)).toEqual([
      "field size",
      "field message",
      "field entries",
    ]));
  test("what the system text does not name is unknown", () =>
    expect(unknown('import { rm } from "node:fs/promises";\nconsole.log(process, fetch("servers"));\nawait rm("x-1");')).toEqual([
      "platform rm",
      "platform process",
      "platform fetch",
      "text x-1",
    ]));
});

describe("fields of results", () => {
  test("one of a definition that was read, or of a result that was seen, is known", () => {
    expect(unknown(`${readIt}console.log(page.values, page["kind"]);\nconst { values } = page;`)).toEqual([]);
    expect(unknown(`${readIt}console.log(page.note);`, printed('{"note":"x"}'))).toEqual([]);
  });
  test("any other is unknown, however it is read", () =>
    expect(
      unknown(`${readIt}console.log(page.rows, page["total"], page?.deep?.count);\nconst { head, ...rest } = page;`),
    ).toEqual(["field rows", "field total", "field count", "field deep", "field head"]));
  test("a key of the input is no field of the result", () =>
    expect(unknown(`${readIt}console.log(page.sheetId);`)).toEqual(["field sheetId"]));
  test("keys of objects that the program made are its own", () => {
    expect(unknown("const sums = { total: 0 };\nsums.total += 1;\nconsole.log(sums);")).toEqual([]);
    expect(
      unknown(`${readIt}const rows = page.values.map(([id]) => ({ id }));\nconsole.log(rows.map((row) => row.id));`),
    ).toEqual([]);
  });
  test("a key that is only printed, or held by another object, does not make the same field of a result known", () => {
    expect(unknown(`${readIt}console.log(JSON.stringify({ total: page.total }));`)).toEqual(["field total"]);
    expect(unknown(`${readIt}const sums = { total: page.total };\nconsole.log(sums.total, sums);`)).toEqual(["field total"]);
  });
  test("a key that went into a file of its own is its own in a later program", () => {
    const write = 'import { writeFile } from "node:fs/promises";\nawait writeFile("state.json", JSON.stringify({ oldest: 1 }));';
    const read =
      'import { readFile } from "node:fs/promises";\nconst { oldest } = JSON.parse(await readFile("state.json", "utf8"));\nconsole.log(oldest);';
    expect(unknown(read, [[{ code: write }]])).toEqual([]);
    expect(unknown(read)).toEqual(["field oldest", "text state.json"]);
  });
});

describe("names used on content", () => {
  const lookUp = (name: string) =>
    `${readIt}const [header] = page.values;\nconst at = header.indexOf("${name}");\nconsole.log(header[at]);`;
  test("one that the prompt quotes, or that was printed, is known", () => {
    expect(unknown(lookUp("Status"))).toEqual([]);
    expect(unknown(lookUp("Region"), printed("Date,Region,Units\n"))).toEqual([]);
    expect(unknown(lookUp("Region"), printed(JSON.stringify({ text: "Date\nRegion\nUnits" })))).toEqual([]);
  });
  test("one that nothing shows, that stands in a longer word or in the prompt's form of answer, is unknown", () => {
    expect(unknown(lookUp("Region"))).toEqual(["column Region"]);
    expect(unknown(lookUp("Region"), printed("SubRegion"))).toEqual(["column Region"]);
    expect(unknown(lookUp("Units"))).toEqual(["column Units"]);
  });
  test("one that the prompt holds without quoting it, or only a definition, is unknown", () => {
    expect(unknown(lookUp("rows"))).toEqual(["column rows"]);
    expect(unknown(lookUp("s-17"))).toEqual(["column s-17"]);
    expect(unknown(lookUp("sheet"))).toEqual(["column sheet"]);
  });
  test("a constant stands for its value", () => {
    const code = `${readIt}const name = "Region";\nconst [header] = page.values;\nconsole.log(header[header.indexOf(name)]);`;
    expect(unknown(code)).toEqual(["column Region"]);
    expect(unknown(code.replace("Region", "Status"))).toEqual([]);
  });
  test("a cell's place is known once rows were seen", () => {
    const code = `${readIt}for (const row of page.values) console.log(row[4]);\nconst [, second, third] = "".split(",");\nconsole.log(second, third);`;
    expect(unknown(code)).toEqual(["position 4", "position 1", "position 2"]);
    expect(unknown(code, printed("a,b,c,d,e"))).toEqual([]);
  });
});

describe("other strings", () => {
  const compare = (text: string) => `${readIt}console.log(page.values.filter((row) => row.includes("${text}")).length);`;
  test("one that the prompt quotes, an id of the prompt, what was printed and a definition's value are known", () => {
    for (const text of ["open", "s-17", "sheet"]) expect(unknown(compare(text))).toEqual([]);
    expect(unknown(compare("closed"), printed("1,closed"))).toEqual([]);
  });
  test("any other is unknown", () => {
    expect(unknown(compare("closed"))).toEqual(["text closed"]);
    expect(unknown(compare("rows"))).toEqual(["text rows"]);
    expect(unknown(`${readIt}console.log(/^closed \\d+/.test(String(page.values)));`)).toEqual(["text closed"]);
    expect(unknown(`${readIt}console.log(String(page.values) === \`closed \${1}\` ? "yes" : "no");`)).toEqual(["text closed "]);
  });
  test("what is only printed, and punctuation, is free", () =>
    expect(
      unknown(
        `${readIt}const title = "Found";\nconsole.log(\`\${title}: \${page.values.map((row) => \`row \${row}\`).join("; ")}\`);\nthrow new Error("no rows");`,
      ),
    ).toEqual([]));
});

describe("inputs of tools in programs", () => {
  const call = (input: string) => `import { read_sheet } from "./servers/drive/read_sheet.ts";\nawait read_sheet(${input});`;
  test("keys and values of the definition, ids and quotes of the prompt are known", () =>
    expect(unknown(call('{ sheetId: "s-17", order: "rising", fields: { Status: "open" } }'))).toEqual([]));
  test("any other key or value is unknown, through constants and spreads too", () => {
    expect(unknown(call('{ sheet: "s-18", order: "sideways", fields: { Region: "closed" } }'))).toEqual([
      "inputKey sheet",
      "inputText s-18",
      "inputText sideways",
      "inputKey Region",
      "inputText closed",
    ]);
    expect(unknown(`const input = { tab: "s-17" };\n${call("{ ...(true ? input : {}) }")}`)).toEqual(["inputKey tab"]);
  });
  test("an example of the definition is known, and its other words are not", () => {
    expect(unknown(call('{ sheetId: "Orders" }'))).toEqual([]);
    expect(unknown(call('{ sheetId: "title" }'))).toEqual(["inputText title"]);
  });
  test("a key of the result is no key of the input", () => expect(unknown(call("{ values: [] }"))).toEqual(["inputKey values"]));
});

describe("numbers", () => {
  const cut = (number: number) =>
    `${readIt}const some = page.values.slice(0, ${number});\nif (some.length > 1) console.log("many");`;
  test("one of the prompt in digits or words, of a definition or a result, and a step of a size that a result gave are known", () => {
    for (const number of [17, 5, 400]) expect(unknown(cut(number))).toEqual([]);
    for (const number of [250, 750]) expect(unknown(cut(number), printed('{"next":250}'))).toEqual([]);
  });
  test("any other is unknown, unless it only cuts what is printed", () => {
    expect(unknown(cut(250))).toEqual(["number 250"]);
    expect(unknown(cut(40))).toEqual(["number 40"]);
    expect(unknown(`${readIt}console.log(JSON.stringify(page).slice(0, 250));`)).toEqual([]);
  });
});

describe("attempts", () => {
  const wrong = `${readIt}console.log(page.rows.length);`;
  test("what a failed program guessed is no knowledge, what its error says is shown, and a guess that worked is unknown", () => {
    const failing: MadeUse = { code: wrong, failed: true, result: 'TypeError: there are only "cells"' };
    expect(unknown(`${readIt}console.log(page.cells);`, [[failing]])).toEqual([]);
    expect(unknown(`${readIt}console.log(page.rows);`, [[failing]])).toEqual(["field rows"]);
    expect(unknown("", [[{ code: wrong }]])).toEqual(["field rows"]);
  });
  test("a failed program need not be a program at all", () => {
    expect(unknown("", [[{ code: "const = 1;", failed: true, result: "SyntaxError" }]])).toEqual([]);
    expect(() => unknown("const = 1;")).toThrow(SyntaxError);
  });
});

describe("direct scripts", () => {
  const direct = (input: JsonObject, before: readonly (readonly MadeUse[])[] = [], tool = "drive__read_sheet") =>
    violations(transcript([...before, [{ tool, input }]])).map(({ kind, name, at }) => `${kind} ${name} ${at}`);
  const seen = [
    [{ tool: "drive__read_sheet", input: { sheetId: "s-17" }, result: '{"text":"one \\"two\\"\\nthree","next":250}' }],
  ];

  test("keys and values of the definition, facts of the prompt and leaves of results are known", () => {
    expect(direct({ sheetId: "s-17", order: "rising", fields: { Status: "open" } })).toEqual([]);
    expect(direct({ sheetId: "s-17", fields: { text: 'one "two"\nthree', next: 500 } }, seen)).toEqual([]);
  });
  test("anything else is unknown", () => {
    expect(direct({ sheet: "s-18", fields: { Region: "rows" }, offset: 250 })).toEqual([
      "inputKey sheet input.sheet",
      "inputText s-18 input.sheet",
      "inputKey Region input.fields.Region",
      "inputText rows input.fields.Region",
      "inputKey offset input.offset",
      "number 250 input.offset",
    ]);
    expect(direct({ sheetId: "s-17", fields: { text: "one two three" } }, seen)).toEqual([
      "inputText one two three input.fields.text",
    ]);
    expect(direct({}, [], "drive__drop_sheet")).toEqual(["tool drive__drop_sheet "]);
  });
});

test("a violation says the program, the line, the name and what would make it known", () => {
  const [found] = violations(transcript([...discovery, [{ code: `${readIt}console.log(page.rows);` }]]));
  expect(found && violationText(found)).toMatchInlineSnapshot(
    `"p.ts:3: "rows" is read from a value, but stands in no definition that was read and in no earlier result. Read or print it first."`,
  );
});

test("what is known comes with its source", () => {
  const uses = judge(
    transcript([...discovery, ...printed("Region"), [{ code: `${readIt}console.log(page.values.flat().includes("Region"));` }]]),
  );
  expect(uses.slice(-5).map(({ kind, name, source }) => `${kind} ${name}: ${source}`)).toMatchInlineSnapshot(`
    [
      "inputKey sheetId: definition",
      "inputText s-17: prompt",
      "platform console: system",
      "field values: definition",
      "text Region: result",
    ]
  `);
});
