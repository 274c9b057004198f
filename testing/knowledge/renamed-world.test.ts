import { expect, test } from "vitest";
import type { Bridge, JsonObject } from "../../contract/index.ts";
import { type Rename, renamedWorld, renameFor } from "./renamed-world.ts";

const structured: JsonObject = { rows: [{ Status: "open" }], text: "Id,Status\nStatusless", total: 1 };

/** A world of one tool, and what it was asked. */
function world(rename: Rename, maxCalls = 10) {
  const asked: unknown[] = [];
  const bridge: Bridge = {
    tools: [{ server: "drive", name: "read_sheet", description: "Read.", inputSchema: { type: "object" } }],
    instructions: [],
    log: [],
    async call(server, tool, input) {
      asked.push([server, tool, input]);
      return { status: "ok", text: JSON.stringify(structured), structured };
    },
  };
  return { asked, renamed: renamedWorld(bridge, rename, maxCalls) };
}

test("a field is renamed in results, as text and as data, and nowhere else", async () => {
  const { asked, renamed } = world({ what: "field", names: ["rows"] });
  const reply = await renamed.call("drive", "read_sheet", { rows: "rows" });
  const expected = { r_renamed_ows: structured.rows, text: structured.text, total: 1 };
  expect(reply).toEqual({ status: "ok", text: JSON.stringify(expected), structured: expected });
  expect(asked).toEqual([["drive", "read_sheet", { rows: "rows" }]]);
});

test("a name of content is renamed in cells, keys and words, and the world knows it under the new name alone", async () => {
  const { asked, renamed } = world({ what: "content", names: ["Status"] });
  const reply = await renamed.call("drive", "read_sheet", { old: "Status", now: "S_renamed_tatus", Status: "Statusless" });
  expect(reply).toMatchObject({
    structured: { rows: [{ S_renamed_tatus: "open" }], text: "Id,S_renamed_tatus\nStatusless", total: 1 },
  });
  const gone = "S_renamed__renamed_tatus";
  expect(asked).toEqual([["drive", "read_sheet", { old: gone, now: "Status", [gone]: "Statusless" }]]);
});

test("a file is renamed with its tool, which no longer answers to its old name", async () => {
  const { asked, renamed } = world({ what: "file", names: ["servers/drive/read_sheet.ts"] });
  expect(renamed.tools.map(({ name }) => name)).toEqual(["r_renamed_ead_sheet"]);
  expect(await renamed.call("drive", "read_sheet", {})).toMatchObject({ status: "denied" });
  expect(await renamed.call("drive", "r_renamed_ead_sheet", {})).toMatchObject({ status: "ok", structured });
  expect(asked).toEqual([["drive", "read_sheet", {}]]);
});

test("calls beyond the limit are denied, so that a loop that waits for a lost name ends", async () => {
  const { renamed } = world({ what: "field", names: [] }, 1);
  expect(await renamed.call("drive", "read_sheet", {})).toMatchObject({ status: "ok" });
  expect(await renamed.call("drive", "read_sheet", {})).toMatchObject({ status: "denied" });
});

test("what a definition gives as a value, the program's own names and numbers are not the world's to rename", () => {
  const use = { label: "p.ts", at: 1, name: "x" };
  expect(renameFor({ ...use, kind: "field", source: "definition" })).toEqual({ what: "field", names: ["x"] });
  expect(renameFor({ ...use, kind: "field", source: "result" })).toEqual({ what: "content", names: ["x"] });
  expect(renameFor({ ...use, kind: "column", source: "prompt" })).toEqual({ what: "content", names: ["x"] });
  expect(renameFor({ ...use, kind: "column" })).toEqual({ what: "content", names: ["x"] });
  expect(renameFor({ ...use, kind: "inputText", source: "definition" })).toBeUndefined();
  expect(renameFor({ ...use, kind: "text", source: "own" })).toBeUndefined();
  expect(renameFor({ ...use, kind: "number", source: "prompt" })).toBeUndefined();
  expect(renameFor({ ...use, kind: "file", name: "servers/drive", source: "listing" })).toBeUndefined();
});
