import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../contract/index.ts";
import { addDays, today, writeTime } from "../../fixtures/calendar.ts";
import { type CrmObjectType, type CrmRecord, crm, crmObjectTypes } from "../../fixtures/crm.ts";
import { deepFreeze, type ToolClient, toolClient } from "../../testing/tool-client.ts";
import { crmObjects } from "./objects.ts";
import { salesforce } from "./server.ts";
import { type SalesforceState, salesforceState } from "./state.ts";

const data = crm(6);
const start = deepFreeze(salesforceState({ seed: 6 }));
const first = (type: CrmObjectType): CrmRecord => data[type][0] ?? { Id: "" };
const account = first("Account");
const lead = first("Lead");
const meeting = first("SalesMeeting");
const task = first("Task");

const open = () => toolClient(salesforce(start));
const state = async (client: ToolClient) => (await client.snapshot()) as unknown as SalesforceState;

/** The start state with these records added or replaced, and `idsIssued` ids given out. */
function withRecords(idsIssued: number, changed: { readonly [T in CrmObjectType]?: readonly CrmRecord[] }): SalesforceState {
  const records = Object.fromEntries(
    crmObjectTypes.map((type) => [
      type,
      { ...start.records[type], ...Object.fromEntries((changed[type] ?? []).map((one) => [one.Id, one])) },
    ]),
  );
  return { ...start, records: records as SalesforceState["records"], idsIssued };
}

/** A new record: every field of its object, empty but for `values`. */
function made(type: CrmObjectType, Id: unknown, values: JsonObject): CrmRecord {
  const blank = crmObjects[type].fields.map(({ name, type: kind }) => [name, kind === "boolean" ? false : null]);
  const system = { Id: String(Id), Owner: start.user, CreatedDate: writeTime, LastModifiedDate: writeTime };
  return { ...Object.fromEntries(blank), ...system, ...values };
}

/** One good use of every tool: what it answers, and for a writing tool the exact state after it. */
const uses: { readonly [tool: string]: (client: ToolClient) => Promise<void> } = {
  async query_records({ call }) {
    const hot = data.Lead.filter((one) => one.Rating === "Hot");
    const result = await call("query_records", {
      objectType: "Lead",
      fields: ["Name"],
      where: [{ field: "Rating", value: "Hot" }],
      limit: 3,
    });
    expect(result).toEqual({
      totalSize: hot.length,
      done: false,
      nextOffset: 3,
      records: hot.slice(0, 3).map(({ Id, Name }) => ({ Id, Name })),
    });
  },
  async search_records({ call }) {
    const result = await call("search_records", { query: String(lead.Email).toUpperCase(), objectTypes: ["Lead"] });
    expect(result).toEqual({
      totalSize: 1,
      matches: [{ objectType: "Lead", id: lead.Id, name: lead.Name, matchedField: "Email" }],
    });
  },
  async get_record({ call }) {
    const all = await call("get_record", { objectType: "SalesMeeting", recordId: meeting.Id });
    expect(all).toEqual({ objectType: "SalesMeeting", id: meeting.Id, fields: meeting });
    const some = await call("get_record", { objectType: "SalesMeeting", recordId: meeting.Id, fields: ["Notes", "Id"] });
    expect(JSON.stringify(some.fields)).toBe(JSON.stringify({ Id: meeting.Id, Notes: null }));
  },
  async get_related_records({ call }) {
    const byAccount = Object.entries(Object.groupBy(data.Contact, (one) => String(one.AccountId)));
    const [recordId = "", contacts = []] = byAccount.find(([, some]) => (some?.length ?? 0) > 2) ?? [];
    const input = { objectType: "Account", recordId, relatedObjectType: "Contact", limit: 1 };
    const found: unknown[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const page: JsonObject = await call("get_related_records", { ...input, offset });
      found.push(...(page.records as unknown[]));
      expect(found.length).toBeLessThanOrEqual(contacts.length);
      expect(page).toMatchObject({ totalSize: contacts.length, done: page.nextOffset === null });
      offset = page.nextOffset as number | null;
    }
    expect(found).toEqual(contacts);
    expect(found.length).toBeGreaterThan(2);
  },
  async list_recent_records({ call }) {
    const newest = [...data.Task].sort((a, b) => (String(a.LastModifiedDate) < String(b.LastModifiedDate) ? 1 : -1));
    expect(await call("list_recent_records", { objectType: "Task", limit: 4 })).toEqual({ records: newest.slice(0, 4) });
  },
  async list_objects({ call }) {
    const { objects } = await call("list_objects", {});
    const counts = crmObjectTypes.map((name) => ({ name, recordCount: data[name].length }));
    expect(objects).toMatchObject(counts);
    expect((objects as JsonObject[]).filter(({ custom }) => custom)).toMatchObject([
      { name: "SalesMeeting", label: "Sales Meeting" },
    ]);
  },
  async describe_object({ call }) {
    const { name, label, labelPlural, fields } = crmObjects.Opportunity;
    expect(await call("describe_object", { objectType: "Opportunity" })).toEqual({ name, label, labelPlural, fields });
  },
  async create_record(client) {
    const fields = { LastName: "Ng", FirstName: "Ada", Company: "Ng Ltd.", Rating: "Hot" };
    const { id, success } = await client.call("create_record", { objectType: "Lead", fields });
    expect(success).toBe(true);
    expect(id).toMatch(/^00Q5h[0-9A-Za-z]{13}$/);
    const record = made("Lead", id, { ...fields, Name: "Ada Ng" });
    expect(await state(client)).toStrictEqual(withRecords(1, { Lead: [record] }));
  },
  async update_record(client) {
    const fields = { Notes: "Ünïcode\n\n“quoted”", Outcome: null };
    const result = await client.call("update_record", { objectType: "SalesMeeting", recordId: meeting.Id, fields });
    expect(result).toEqual({ id: meeting.Id, success: true });
    const record = { ...meeting, ...fields, LastModifiedDate: writeTime };
    expect(await state(client)).toStrictEqual(withRecords(0, { SalesMeeting: [record] }));
  },
  async upsert_record(client) {
    const match = { objectType: "Lead", matchField: "Email" };
    const fields = { Status: "Qualified" };
    const updated = await client.call("upsert_record", { ...match, matchValue: lead.Email ?? "", fields });
    expect(updated).toEqual({ id: lead.Id, success: true, created: false });
    const changed = { ...lead, ...fields, LastModifiedDate: writeTime };
    expect(await state(client)).toStrictEqual(withRecords(0, { Lead: [changed] }));
    const fresh = { LastName: "Ng", Company: "Ng Ltd." };
    const created = await client.call("upsert_record", { ...match, matchValue: "ng@ng.example", fields: fresh });
    expect(created).toMatchObject({ success: true, created: true });
    const added = made("Lead", created.id, { ...fresh, Email: "ng@ng.example", Name: "Ng" });
    expect(await state(client)).toStrictEqual(withRecords(1, { Lead: [changed, added] }));
  },
  async delete_record(client) {
    const result = await client.call("delete_record", { objectType: "Task", recordId: task.Id });
    expect(result).toEqual({ id: task.Id, success: true });
    const { [task.Id]: _, ...rest } = start.records.Task;
    expect(await state(client)).toStrictEqual({ ...start, records: { ...start.records, Task: rest } });
  },
  async create_task(client) {
    const { id } = await client.call("create_task", {
      subject: "Call",
      dueDate: "2025-12-01",
      whoId: lead.Id,
      whatId: meeting.Id,
    });
    const fields = { Subject: "Call", Status: "Not Started", Priority: "Normal", ActivityDate: "2025-12-01" };
    const record = made("Task", id, { ...fields, WhoId: lead.Id, WhatId: meeting.Id });
    expect(await state(client)).toStrictEqual(withRecords(1, { Task: [record] }));
  },
  async add_note(client) {
    const { id } = await client.call("add_note", { parentId: meeting.Id, title: "Summary", body: "Short." });
    const record = made("Note", id, { ParentId: meeting.Id, Title: "Summary", Body: "Short." });
    expect(await state(client)).toStrictEqual(withRecords(1, { Note: [record] }));
  },
  async convert_lead(client) {
    const result = await client.call("convert_lead", { leadId: lead.Id, opportunityName: "First order" });
    const { accountId, contactId, opportunityId } = result;
    const { FirstName = null, LastName = null, Name = null, Email = null, Phone = null, Title = null, Company = null } = lead;
    const person = { FirstName, LastName, Name, Email, Phone, Title, AccountId: String(accountId) };
    const converted = { ConvertedAccountId: accountId, ConvertedContactId: contactId, ConvertedOpportunityId: opportunityId };
    const opportunity = { Name: "First order", AccountId: String(accountId), StageName: "Qualification" };
    expect(await state(client)).toStrictEqual(
      withRecords(3, {
        Account: [made("Account", accountId, { Name: Company, Type: "Prospect" })],
        Contact: [made("Contact", contactId, person)],
        Opportunity: [made("Opportunity", opportunityId, { ...opportunity, CloseDate: addDays(today, 90) })],
        Lead: [{ ...lead, Status: "Converted", IsConverted: true, ...converted, LastModifiedDate: writeTime } as CrmRecord],
      }),
    );
    expect(result.leadId).toBe(lead.Id);
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

  test("convert_lead uses a given account and makes no opportunity unasked", async () => {
    const client = await open();
    const { accountId, contactId, opportunityId } = await client.call("convert_lead", { leadId: lead.Id, accountId: account.Id });
    expect({ accountId, opportunityId }).toEqual({ accountId: account.Id, opportunityId: null });
    const { records, idsIssued } = await state(client);
    expect(records.Contact[String(contactId)]).toMatchObject({ AccountId: account.Id });
    expect(records.Lead[lead.Id]).toMatchObject({ ConvertedAccountId: account.Id, ConvertedOpportunityId: null });
    expect([records.Account, records.Opportunity, idsIssued]).toStrictEqual([
      start.records.Account,
      start.records.Opportunity,
      1,
    ]);
    expect(await client.refusal("convert_lead", { leadId: lead.Id })).toContain(`converted before, to contact ${contactId}`);
  });
});

describe("what cannot be done is refused, and changes nothing", () => {
  const Lead = { objectType: "Lead", recordId: lead.Id };
  const fresh = { LastName: "Ng", Company: "Ng Ltd." };
  const query = (where: JsonObject): [string, JsonObject] => ["query_records", { objectType: "Opportunity", where: [where] }];
  const create = (fields: JsonObject): [string, JsonObject] => ["create_record", { objectType: "Lead", fields }];
  const update = (fields: JsonObject): [string, JsonObject] => ["update_record", { ...Lead, fields }];
  test.each<[tool: string, input: JsonObject, text: string | RegExp]>([
    [
      "get_record",
      { objectType: "leads", recordId: "x" },
      'Object type "leads" does not exist. Available: Account, Contact, Lead,',
    ],
    ["get_record", { objectType: "toString", recordId: "x" }, 'Object type "toString" does not exist.'],
    ["get_record", { objectType: "Lead", recordId: account.Id }, `Lead record not found: ${account.Id}. Use query_records`],
    ["get_record", { objectType: "Lead", recordId: "constructor" }, "Lead record not found: constructor."],
    ["get_record", { ...Lead, fields: ["Nmae"] }, 'No field "Nmae" on Lead. Use describe_object to see its fields.'],
    ["get_record", { ...Lead, fields: [] }, /: fields: Too small/],
    ["get_record", { objectType: "Lead" }, /^Invalid arguments for tool get_record: recordId: /],
    ["get_related_records", { ...Lead, relatedObjectType: "Kontact" }, 'Object type "Kontact" does not exist.'],
    [...query({ field: "Stage", value: "x" }), 'No field "Stage" on Opportunity.'],
    [...query({ field: "Amount", operator: "==", value: 1 }), /: where\.0\.operator: Invalid option/],
    [...query({ field: "Amount", operator: ">", value: [1] }), "where: Amount > takes one value. Use IN with an array."],
    [...query({ field: "Name", operator: "LIKE", value: ["a%"] }), "where: Name LIKE takes one value."],
    ["query_records", { objectType: "Lead", orderBy: "Nmae" }, 'No field "Nmae" on Lead.'],
    ["query_records", { objectType: "Lead", limit: 0 }, /: limit: Too small/],
    ["search_records", { query: "x" }, /: query: Too small/],
    ["search_records", { query: "xyz", objectTypes: ["Leads"] }, 'Object type "Leads" does not exist.'],
    ["list_recent_records", { objectType: "Lead", limit: 201 }, /: limit: Too big/],
    [...create({ LastName: "Ng" }), "Required field missing on Lead: Company."],
    [...create({ ...fresh, Company: "" }), "Required field missing on Lead: Company."],
    [...create({ ...fresh, Phon: "1" }), 'No field "Phon" on Lead.'],
    [...create({ ...fresh, Name: "A B" }), "Lead.Name is read-only."],
    [...create({ ...fresh, Rating: "Tepid" }), '"Tepid" is not a value of Lead.Rating. Values: Hot, Warm, Cold.'],
    [...create({ ...fresh, Email: 5 }), "Lead.Email must be a string, not a number."],
    ["create_record", { objectType: "Lead", fields: { LastName: ["Ng"] } }, /: fields\.LastName: Invalid input/],
    [...update({ LastName: null }), "LastName of Lead cannot be empty."],
    [...update({ IsConverted: true }), "Lead.IsConverted is read-only."],
    [
      "update_record",
      { objectType: "Contact", recordId: first("Contact").Id, fields: { AccountId: lead.Id } },
      `no Account with id ${lead.Id}`,
    ],
    [
      "update_record",
      { objectType: "Opportunity", recordId: first("Opportunity").Id, fields: { Amount: "9" } },
      "must be a number",
    ],
    [
      "update_record",
      { objectType: "Opportunity", recordId: first("Opportunity").Id, fields: { CloseDate: "1 May" } },
      "YYYY-MM-DD",
    ],
    [
      "upsert_record",
      { objectType: "Lead", matchField: "Rating", matchValue: "Hot", fields: {} },
      /^\d+ Leads have Rating "Hot"\. Use/,
    ],
    ["upsert_record", { objectType: "Lead", matchField: "Id", matchValue: "none", fields: fresh }, "Lead.Id is read-only."],
    [
      "delete_record",
      { objectType: "Account", recordId: String(meeting.AccountId) },
      /cannot be deleted: \w+ \w+ refers to it in AccountId/,
    ],
    ["delete_record", { objectType: "Task", recordId: "none" }, "Task record not found: none."],
    ["create_task", { subject: "" }, /: subject: Too small/],
    ["create_task", { subject: "x", whoId: account.Id }, `Task.WhoId: no Contact or Lead with id ${account.Id}.`],
    ["create_task", { subject: "x", dueDate: "soon" }, "Task.ActivityDate must be a date as YYYY-MM-DD."],
    ["add_note", { parentId: "none", title: "x", body: "" }, "Note.ParentId: no Account or Contact or Lead"],
    ["convert_lead", { leadId: "none" }, "Lead record not found: none."],
    ["convert_lead", { leadId: lead.Id, accountId: "none" }, "Account record not found: none."],
    ["convert_lead", { leadId: lead.Id, opportunityName: "" }, "opportunityName cannot be empty."],
  ])("%s %j", async (tool, input, text) => {
    const refused = await (await open()).refusal(tool, input);
    if (typeof text === "string") expect(refused).toContain(text);
    else expect(refused).toMatch(text);
  });
});

describe("query_records agrees with a filter done by hand", () => {
  const late = addDays(today, 30);
  test.each<[where: JsonObject[], keep: (one: CrmRecord) => boolean]>([
    [[], () => true],
    [[{ field: "Amount", operator: ">=", value: 200_000 }], ({ Amount }) => Number(Amount) >= 200_000],
    [[{ field: "Amount", operator: "<", value: 50_000 }], ({ Amount }) => Number(Amount) < 50_000],
    [[{ field: "CloseDate", operator: ">", value: late }], ({ CloseDate }) => String(CloseDate) > late],
    [[{ field: "NextStep", operator: "=", value: null }], ({ NextStep }) => NextStep === null],
    [[{ field: "NextStep", operator: "!=", value: null }], ({ NextStep }) => NextStep !== null],
    [[{ field: "Name", operator: "LIKE", value: "%renewal" }], ({ Name }) => String(Name).endsWith("Renewal")],
    [[{ field: "StageName", operator: "LIKE", value: "Closed _o%" }], ({ StageName }) => String(StageName).startsWith("Closed ")],
    [[{ field: "Probability", operator: "IN", value: [10, 20] }], ({ Probability }) => Probability === 10 || Probability === 20],
    [[{ field: "Probability", operator: "!=", value: [10, 20] }], ({ Probability }) => Probability !== 10 && Probability !== 20],
    [
      [
        { field: "StageName", value: "Closed Won" },
        { field: "Amount", operator: ">", value: 9000 },
      ],
      ({ StageName, Amount }) => StageName === "Closed Won" && Number(Amount) > 9000,
    ],
  ])("%j", async (where, keep) => {
    const matches = data.Opportunity.filter(keep);
    expect(matches.length).toBeGreaterThan(0);
    const { call } = await open();
    const result = await call("query_records", { objectType: "Opportunity", where });
    expect(result).toEqual({ totalSize: matches.length, done: true, nextOffset: null, records: matches });
  });

  test("orderBy sorts numbers by size, and pages give every record once", async () => {
    const { call } = await open();
    const amounts: unknown[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const input = { objectType: "Opportunity", fields: ["Amount"], orderBy: "Amount", descending: true, limit: 7, offset };
      const page: JsonObject = await call("query_records", input);
      amounts.push(...(page.records as JsonObject[]).map(({ Amount }) => Amount));
      expect(amounts.length).toBeLessThanOrEqual(data.Opportunity.length);
      offset = page.nextOffset as number | null;
    }
    expect(amounts).toEqual(data.Opportunity.map(({ Amount }) => Number(Amount)).sort((a, b) => b - a));
  });
});

describe("isolation", () => {
  test("two servers over one start state never see each other's writes, and the start stays as it is", async () => {
    const before = JSON.stringify(start);
    const [one, two] = await Promise.all([open(), open()]);
    const note = { parentId: account.Id, title: "Mine", body: "" };
    expect(await one.call("add_note", note)).toEqual(await two.call("add_note", note));
    await one.call("update_record", { objectType: "Lead", recordId: lead.Id, fields: { Rating: "Cold", Description: "one" } });
    expect(await two.call("get_record", { objectType: "Lead", recordId: lead.Id })).toMatchObject({ fields: lead });
    await two.call("delete_record", { objectType: "Task", recordId: task.Id });
    expect(await one.call("get_record", { objectType: "Task", recordId: task.Id })).toMatchObject({ id: task.Id });
    expect(JSON.stringify(start)).toBe(before);
  });

  test("a scenario's own records are added with every field, or replace seeded ones", () => {
    const own = { Id: "00Q_own", LastName: "Ng" };
    const { records } = salesforceState({ seed: 6, records: { Lead: [own, { ...lead, Rating: null }] } });
    expect(Object.keys(records.Lead)).toHaveLength(data.Lead.length + 1);
    expect(records.Lead["00Q_own"]).toMatchObject({ LastName: "Ng", Company: null, IsConverted: false });
    expect(records.Lead[lead.Id]).toEqual({ ...lead, Rating: null });
    expect(records.Contact).toBe(start.records.Contact);
  });

  test("every seeded record has exactly the fields of its object, and every reference resolves", () => {
    for (const type of crmObjectTypes) {
      const { fields } = crmObjects[type];
      for (const one of data[type]) {
        expect(Object.keys(one).sort()).toEqual(fields.map(({ name }) => name).sort());
        for (const { name, referenceTo = [], picklistValues } of fields) {
          const value = one[name] ?? null;
          if (value === null) continue;
          if (referenceTo.length > 0)
            expect(referenceTo.some((to) => Object.hasOwn(start.records[to], String(value)))).toBe(true);
          if (picklistValues !== undefined) expect(picklistValues).toContain(value);
        }
      }
    }
  });
});
