import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../contract/index.ts";
import { writeTime } from "../../fixtures/calendar.ts";
import { orderSheet } from "../../fixtures/orders.ts";
import { deepFreeze, type ToolClient, toolClient } from "../../testing/tool-client.ts";
import { type GoogleDriveOptions, googleDrive, googleDriveTools } from "./server.ts";
import { type DriveFile, type DriveState, driveState } from "./state.ts";

const documentId = "the-document";
const spreadsheetId = "the-sheet";
const rows = orderSheet({ rows: 103, seed: 4 });
const header = rows[0] ?? [];
const start = deepFreeze(
  driveState({
    documents: [{ id: documentId, title: "Minutes", content: "Café\nline 2" }],
    sheets: [{ id: spreadsheetId, title: "Orders", rows }],
    seed: 4,
  }),
);
const files: readonly DriveFile[] = Object.values(start.files);
const owner = start.files[documentId]?.owner ?? "";
const folder = (name: string) => files.find((file) => file.name === name)?.id ?? "";

const server = (options: Partial<GoogleDriveOptions> = {}) =>
  googleDrive(start, { serverQuery: true, maxRowsPerRead: 0, ...options });
const open = (options?: Partial<GoogleDriveOptions>) => toolClient(server(options));
const state = async (client: ToolClient) => (await client.snapshot()) as unknown as DriveState;

/** The start state with one more file of the acting user, and whatever else `changes` says. */
function withFile(file: Pick<DriveFile, "id" | "name" | "kind" | "parentId">, changes: Partial<DriveState> = {}): DriveState {
  const times = { owner: start.user, createdTime: writeTime, modifiedTime: writeTime, trashed: false };
  const permission = { id: `${file.id.slice(0, 8)}-owner`, email: start.user, role: "owner" as const };
  return {
    ...start,
    files: { ...start.files, [file.id]: { ...file, ...times } },
    permissions: { ...start.permissions, [file.id]: [permission] },
    idsIssued: 1,
    ...changes,
  };
}

/** The start state with fields of one file replaced, and whatever else `changes` says. */
function withChanged(id: string, fields: Partial<DriveFile>, changes: Partial<DriveState> = {}): DriveState {
  const changed = { ...start.files[id], ...fields, modifiedTime: writeTime } as DriveFile;
  return { ...start, files: { ...start.files, [id]: changed }, ...changes };
}

const withRows = (changed: readonly (readonly string[])[]) =>
  withChanged(
    spreadsheetId,
    {},
    { spreadsheets: { ...start.spreadsheets, [spreadsheetId]: [{ title: "Sheet1", rows: changed }] } },
  );

/** One good use of every tool: what it answers, and for a writing tool the exact state after it. */
const uses: { readonly [tool: string]: (client: ToolClient) => Promise<void> } = {
  async search_files({ call }) {
    expect(await call("search_files", { query: "CAFÉ line" })).toEqual({ files: [start.files[documentId]], nextPageToken: null });
    const { files: sheets } = await call("search_files", { query: "", kind: "spreadsheet", owner, modifiedAfter: "2025-11-19" });
    expect(sheets).toEqual([start.files[spreadsheetId]]);
  },
  async list_folder({ call }) {
    const inside = [start.files[documentId], start.files[spreadsheetId]];
    expect(await call("list_folder", { folderId: folder("Shared with me") })).toEqual({ files: inside, nextPageToken: null });
  },
  async get_file_metadata({ call }) {
    expect(await call("get_file_metadata", { fileId: documentId })).toEqual(start.files[documentId]);
  },
  async create_folder(client) {
    const parentId = folder("Archive");
    const made = await client.call("create_folder", { name: "Old", parentId });
    const file = { id: String(made.id), name: "Old", kind: "folder", parentId } as const;
    expect(await state(client)).toStrictEqual(withFile(file));
    expect(made).toEqual(withFile(file).files[file.id]);
  },
  async copy_file(client) {
    const made = await client.call("copy_file", { fileId: spreadsheetId });
    const parentId = folder("Shared with me");
    const file = { id: String(made.id), name: "Copy of Orders", kind: "spreadsheet", parentId } as const;
    const spreadsheets = { ...start.spreadsheets, [file.id]: [{ title: "Sheet1", rows }] };
    expect(await state(client)).toStrictEqual(withFile(file, { spreadsheets }));
  },
  async move_file(client) {
    await client.call("move_file", { fileId: documentId, folderId: "root" });
    expect(await state(client)).toStrictEqual(withChanged(documentId, { parentId: "root" }));
  },
  async trash_file(client) {
    await client.call("trash_file", { fileId: documentId });
    expect(await state(client)).toStrictEqual(withChanged(documentId, { trashed: true }));
    expect(await client.call("search_files", { query: "café" })).toEqual({ files: [], nextPageToken: null });
    expect((await client.call("search_files", { query: "café", includeTrashed: true })).files).toHaveLength(1);
    await client.call("trash_file", { fileId: documentId, restore: true });
    expect(await state(client)).toStrictEqual(withChanged(documentId, { trashed: false }));
  },
  async get_document({ call }) {
    expect(await call("get_document", { documentId })).toEqual({ documentId, title: "Minutes", content: "Café\nline 2" });
  },
  async create_document(client) {
    const made = await client.call("create_document", { title: "New", content: "Hello" });
    expect(made).toMatchObject({ title: "New", characters: 5 });
    const file = { id: String(made.documentId), name: "New", kind: "document", parentId: "root" } as const;
    expect(await state(client)).toStrictEqual(withFile(file, { documents: { ...start.documents, [file.id]: "Hello" } }));
  },
  async append_to_document(client) {
    expect(await client.call("append_to_document", { documentId, text: "\n3" })).toMatchObject({ characters: 13 });
    const documents = { ...start.documents, [documentId]: "Café\nline 2\n3" };
    expect(await state(client)).toStrictEqual(withChanged(documentId, {}, { documents }));
  },
  async share_file(client) {
    const email = "new@corp.example";
    const granted = await client.call("share_file", { fileId: documentId, email, role: "reader" });
    const after = (role: "reader" | "writer"): DriveState => ({
      ...start,
      permissions: {
        ...start.permissions,
        [documentId]: [...(start.permissions[documentId] ?? []), { id: String(granted.id), email, role }],
      },
      idsIssued: 1,
    });
    expect(await state(client)).toStrictEqual(after("reader"));
    await client.call("share_file", { fileId: documentId, email, role: "writer" });
    expect(await state(client)).toStrictEqual(after("writer"));
  },
  async list_permissions({ call }) {
    expect(await call("list_permissions", { fileId: documentId })).toEqual({ permissions: start.permissions[documentId] });
  },
  async add_comment(client) {
    const added = await client.call("add_comment", { fileId: documentId, text: "Why?", quotedText: "line 2" });
    const comment = { author: start.user, text: "Why?", quotedText: "line 2", createdTime: writeTime, resolved: false };
    expect(added).toEqual({ id: expect.any(String), ...comment });
    const comments = { ...start.comments, [documentId]: [{ id: String(added.id), ...comment }] };
    expect(await state(client)).toStrictEqual({ ...start, comments, idsIssued: 1 });
  },
  async list_comments({ call }) {
    const [[fileId, comments] = []] = Object.entries(start.comments);
    expect(await call("list_comments", { fileId: fileId ?? "" })).toEqual({ comments });
  },
  async get_spreadsheet({ call }) {
    const sheets = [{ title: "Sheet1", rowCount: 103, columns: header }];
    expect(await call("get_spreadsheet", { spreadsheetId })).toEqual({ spreadsheetId, title: "Orders", sheets });
  },
  async read_sheet({ call }) {
    const all = { range: "Sheet1!A2:O104", totalRows: 103, nextOffset: null, values: rows };
    expect(await call("read_sheet", { spreadsheetId })).toEqual(all);
  },
  async append_sheet_rows(client) {
    const added = header.map((_, i) => `new ${i}`);
    const result = await client.call("append_sheet_rows", { spreadsheetId, rows: [added] });
    expect(result).toEqual({ updatedRange: "Sheet1!A105:O105", appendedRows: 1 });
    expect(await state(client)).toStrictEqual(withRows([...rows, added]));
  },
  async update_sheet_cells(client) {
    const result = await client.call("update_sheet_cells", {
      spreadsheetId,
      range: "Sheet1!B3:C4",
      values: [
        ["a", "b"],
        ["c", "d"],
      ],
    });
    expect(result).toEqual({ updatedRange: "Sheet1!B3:C4", updatedCells: 4 });
    const put = (row: readonly string[] = [], b = "", c = "") => row.map((cell, i) => (i === 1 ? b : i === 2 ? c : cell));
    expect(await state(client)).toStrictEqual(withRows(rows.with(2, put(rows[2], "a", "b")).with(3, put(rows[3], "c", "d"))));
  },
  async query_sheet({ call }) {
    const where = [{ column: "Status", operator: "equals", value: "pending" }];
    const pending = rows.filter((row) => row[header.indexOf("Status")] === "pending");
    expect(pending.length).toBeGreaterThan(1);
    expect(await call("query_sheet", { spreadsheetId, where })).toEqual({
      matchCount: pending.length,
      nextOffset: null,
      values: [header, ...pending],
    });
  },
};

describe("every tool", () => {
  test("that is listed is used below, and no other", async () => {
    expect(Object.keys(uses).sort()).toEqual((await open()).tools.map(({ name }) => name).sort());
  });

  test.each(Object.entries(uses))("%s answers and changes exactly what it should", async (name, use) => {
    const client = await open();
    await use(client);
    expect(client.called).toContain(name);
  });

  test("query_sheet is offered by option only, and no other tool depends on the options but for read_sheet's limit", () => {
    const plain = googleDriveTools({ serverQuery: false, maxRowsPerRead: 0 });
    const query = googleDriveTools({ serverQuery: true, maxRowsPerRead: 0 });
    expect(query.slice(0, -1)).toEqual(plain);
    expect(query.at(-1)?.name).toBe("query_sheet");
    const paged = googleDriveTools({ serverQuery: false, maxRowsPerRead: 50 });
    expect(paged.filter((tool, i) => JSON.stringify(tool) !== JSON.stringify(plain[i]))).toMatchObject([
      { name: "read_sheet", description: expect.stringContaining("At most 50 rows are returned per call.") },
    ]);
  });
});

describe("what cannot be done is refused, and changes nothing", () => {
  const nobody = "constructor";
  test.each<[tool: string, input: JsonObject, text: string | RegExp]>([
    ["get_document", { documentId: nobody }, "File not found: constructor. Use search_files to find a valid id."],
    ["get_document", { documentId: spreadsheetId }, "the-sheet is a spreadsheet, not a document."],
    ["get_document", { documentId: 7 }, /^Invalid arguments for tool get_document: documentId: /],
    ["get_document", {}, /^Invalid arguments for tool get_document: documentId: /],
    ["append_to_document", { documentId, text: "" }, /: text: Too small/],
    ["create_document", { title: "x", folderId: nobody }, "Folder not found: constructor. Use list_folder"],
    ["create_folder", { name: "x", parentId: documentId }, "the-document is a document, not a folder."],
    ["copy_file", { fileId: folder("Archive") }, "Folders cannot be copied."],
    ["move_file", { fileId: "root", folderId: folder("Archive") }, "The root folder cannot be moved."],
    ["move_file", { fileId: folder("Archive"), folderId: folder("Archive") }, "cannot be moved into itself"],
    ["trash_file", { fileId: "root" }, "The root folder cannot be moved to the trash."],
    ["search_files", { query: "x", pageToken: "no" }, 'Unknown page token "no"'],
    ["search_files", { query: "x", pageSize: 101 }, /: pageSize: Too big/],
    ["search_files", { query: "x", kind: "folders" }, /: kind: Invalid option: expected one of "folder"/],
    ["share_file", { fileId: documentId, email: "nobody", role: "reader" }, /: email: Invalid email/],
    ["share_file", { fileId: documentId, email: "a@b.example", role: "owner" }, /: role: Invalid option/],
    ["share_file", { fileId: documentId, email: owner, role: "reader" }, "owns the file"],
    ["add_comment", { fileId: documentId, text: "x", quotedText: "not there" }, "quotedText does not occur"],
    ["list_comments", { fileId: nobody }, "File not found"],
    ["read_sheet", { spreadsheetId: documentId }, "the-document is a document, not a spreadsheet."],
    ["read_sheet", { spreadsheetId, range: "Sheet9!A1" }, 'No tab "Sheet9". Tabs: Sheet1.'],
    ["read_sheet", { spreadsheetId, offset: -1 }, /: offset: Too small/],
    ...["", "A0:B2", ":", "A1:", "B5:A1", "A5:B4", "orders", "A1:B2:C3"].map((range): [string, JsonObject, string] => [
      "read_sheet",
      { spreadsheetId, range },
      `"${range}" is not a range in A1 notation. Example: Sheet1!A1:D20.`,
    ]),
    ["append_sheet_rows", { spreadsheetId, rows: [["a"]] }, "rows[0] has 1 cells, but the tab has 15 columns."],
    ["append_sheet_rows", { spreadsheetId, rows: [] }, /: rows: Too small/],
    ["append_sheet_rows", { spreadsheetId, rows: [[1]] }, /: rows\.0\.0: Invalid input: expected string/],
    ["update_sheet_cells", { spreadsheetId, range: "A1:P1", values: [["a"]] }, "reaches beyond the tab, which has 104 rows"],
    ["update_sheet_cells", { spreadsheetId, range: "A1:B1", values: [["a"]] }, "values must have 1 rows of 2 cells for A1:B1."],
    [
      "query_sheet",
      { spreadsheetId, where: [{ column: "status", operator: "equals" }] },
      'No column "status". Columns: Order ID,',
    ],
    ["query_sheet", { spreadsheetId, where: [{ column: "Status", operator: "is" }] }, /: where\.0\.operator: Invalid option/],
  ])("%s %j", async (tool, input, text) => {
    const refused = await (await open()).refusal(tool, input);
    if (typeof text === "string") expect(refused).toContain(text);
    else expect(refused).toMatch(text);
  });

  test("a folder cannot be moved below itself, nor anything into the trash's folders", async () => {
    const client = await open();
    const below = await client.call("create_folder", { name: "Below", parentId: folder("Archive") });
    expect(await client.refusal("move_file", { fileId: folder("Archive"), folderId: String(below.id) })).toMatch(
      /folder below it/,
    );
    await client.call("trash_file", { fileId: folder("Contracts") });
    expect(await client.refusal("move_file", { fileId: documentId, folderId: folder("Contracts") })).toMatch(/is in the trash/);
  });
});

describe("isolation", () => {
  test("two servers over one start state never see each other's writes, and the start stays as it is", async () => {
    const before = JSON.stringify(start);
    const [one, two] = await Promise.all([open(), open()]);
    const [a, b] = await Promise.all([one, two].map((client) => client.call("create_document", { title: "Mine" })));
    expect(a).toEqual(b);
    await one.call("append_to_document", { documentId, text: "one" });
    expect(await two.call("get_document", { documentId })).toMatchObject({ content: "Café\nline 2" });
    await two.call("trash_file", { fileId: documentId });
    expect(await one.call("get_file_metadata", { fileId: documentId })).toMatchObject({ trashed: false });
    expect(JSON.stringify(start)).toBe(before);
  });

  test("a fresh state of the same seed is equal, of another seed is not", () => {
    expect(driveState({ seed: 4 })).toEqual(driveState({ seed: 4 }));
    expect(driveState({ seed: 4 }).files).not.toEqual(driveState({ seed: 5 }).files);
  });
});

describe("lists and sheets by the page", () => {
  test.each([1, 7, 100])("search_files gives every file once in pages of %i, newest first", async (pageSize) => {
    const { call } = await open();
    const found: DriveFile[] = [];
    let token: JsonObject = {};
    do {
      const page = await call("search_files", { query: "", pageSize, ...token });
      found.push(...(page.files as unknown as DriveFile[]));
      expect(found.length).toBeLessThanOrEqual(files.length);
      token = page.nextPageToken === null ? {} : { pageToken: String(page.nextPageToken) };
    } while ("pageToken" in token);
    expect(found.map(({ id }) => id).sort()).toEqual(Object.keys(start.files).sort());
    expect(found.map(({ modifiedTime }) => modifiedTime)).toEqual(
      found
        .map(({ modifiedTime }) => modifiedTime)
        .sort()
        .reverse(),
    );
  });

  test.each([
    { maxRowsPerRead: 10 },
    { maxRowsPerRead: 103 },
    { maxRowsPerRead: 50, limit: 7 },
    { maxRowsPerRead: 5, limit: 60 },
    { maxRowsPerRead: 0, limit: 40 },
    { maxRowsPerRead: 10, range: "Sheet1!C20:E60" },
    { maxRowsPerRead: 10, range: "B:D" },
  ])("read_sheet gives the same rows page by page as at once: %j", async ({ maxRowsPerRead, ...input }) => {
    const { call } = await open({ maxRowsPerRead });
    const read: (readonly string[])[] = [];
    const sizes: number[] = [];
    let offset: number | null = 0;
    while (offset !== null) {
      const page = await call("read_sheet", { spreadsheetId, ...input, offset });
      const [head = [], ...some] = page.values as string[][];
      if (offset === 0) read.push(head);
      expect(head).toEqual(read[0]);
      read.push(...some);
      expect(some.length).toBeGreaterThan(0);
      expect(read.length).toBeLessThanOrEqual(rows.length);
      sizes.push(some.length);
      offset = page.nextOffset as number | null;
    }
    const { range } = input as { range?: string };
    const whole = await (await open()).call("read_sheet", { spreadsheetId, ...(range !== undefined && { range }) });
    expect(read).toEqual(whole.values);
    const size = Math.min(maxRowsPerRead || 1e9, input.limit ?? 1e9);
    expect(sizes.slice(0, -1).filter((one) => one !== size)).toEqual([]);
    expect(sizes.at(-1)).toBeLessThanOrEqual(size);
  });

  test.each<[range: string, columns: readonly [number, number], data: readonly [number, number], said: string]>([
    ["Sheet1", [0, 15], [1, 104], "Sheet1!A2:O104"],
    ["'Sheet1'!A1:B3", [0, 2], [1, 3], "Sheet1!A2:B3"],
    ["c5:d6", [2, 4], [4, 6], "Sheet1!C5:D6"],
    ["A100:C999", [0, 3], [99, 104], "Sheet1!A100:C104"],
    ["N3:Z3", [13, 15], [2, 3], "Sheet1!N3:O3"],
    ["B7", [1, 2], [6, 7], "Sheet1!B7:B7"],
    ["10:12", [0, 15], [9, 12], "Sheet1!A10:O12"],
  ])("read_sheet reads %s with its header cells", async (range, [from, to], [first, end], said) => {
    const values = [header, ...rows.slice(first, end)].map((row) => row.slice(from, to));
    const { call } = await open();
    expect(await call("read_sheet", { spreadsheetId, range })).toEqual({
      range: said,
      totalRows: end - first,
      nextOffset: null,
      values,
    });
  });

  test("reading past the end gives the header alone", async () => {
    expect(await (await open()).call("read_sheet", { spreadsheetId, offset: 500 })).toMatchObject({
      nextOffset: null,
      values: [header],
    });
  });
});

describe("query_sheet agrees with a filter done by hand", () => {
  const column = (name: string) => header.indexOf(name);
  const cell = (row: readonly string[], name: string) => row[column(name)] ?? "";
  test.each<[where: { column: string; operator: string; value?: string }[], keep: (row: readonly string[]) => boolean]>([
    [[], () => true],
    [[{ column: "Status", operator: "not_equals", value: "delivered" }], (row) => cell(row, "Status") !== "delivered"],
    [[{ column: "Customer", operator: "contains", value: "Inc" }], (row) => cell(row, "Customer").includes("Inc")],
    [[{ column: "SKU", operator: "starts_with", value: "LBL" }], (row) => cell(row, "SKU").startsWith("LBL")],
    [[{ column: "Quantity", operator: "greater_than", value: "9" }], (row) => Number(cell(row, "Quantity")) > 9],
    [[{ column: "Total", operator: "less_than", value: "1000" }], (row) => Number(cell(row, "Total")) < 1000],
    [[{ column: "Order Date", operator: "greater_than", value: "2024-01-05" }], (row) => cell(row, "Order Date") > "2024-01-05"],
    [[{ column: "Notes", operator: "is_empty" }], (row) => cell(row, "Notes") === ""],
    [
      [
        { column: "Notes", operator: "is_not_empty" },
        { column: "Region", operator: "equals", value: "EMEA" },
      ],
      (row) => cell(row, "Notes") !== "" && cell(row, "Region") === "EMEA",
    ],
  ])("%j", async (where, keep) => {
    const { call } = await open();
    const matches = rows.slice(1).filter(keep);
    expect(matches.length).toBeGreaterThan(0);
    const all = await call("query_sheet", { spreadsheetId, where });
    expect(all).toEqual({ matchCount: matches.length, nextOffset: null, values: [header, ...matches] });
    const select = ["Status", "Order ID"];
    const chosen = (row: readonly string[]) => select.map((name) => cell(row, name));
    const some = await call("query_sheet", { spreadsheetId, where, select, offset: 1, limit: 2 });
    expect(some).toEqual({
      matchCount: matches.length,
      nextOffset: matches.length > 3 ? 3 : null,
      values: [select, ...matches.slice(1, 3).map(chosen)],
    });
  });

  test("limit 0 only counts", async () => {
    expect(await (await open()).call("query_sheet", { spreadsheetId, where: [], limit: 0 })).toMatchObject({
      matchCount: 103,
      values: [header],
    });
  });
});
