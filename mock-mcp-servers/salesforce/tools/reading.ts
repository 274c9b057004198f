/** Tools that read records. */
import { z } from "zod";
import { type CrmRecord, type CrmValue, crmObjectTypes } from "../../../fixtures/crm.ts";
import { compareText } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { crmObjects } from "../objects.ts";
import { fieldOf, objectOf, projected, recordOf, referrers, type SalesforceState } from "../state.ts";
import { fieldNames, objectType, record, recordId, scalar } from "./shapes.ts";

const tool = toolsOver<SalesforceState>();

const operators = ["=", "!=", "<", "<=", ">", ">=", "LIKE", "IN"] as const;

const offset = z.int().min(0).default(0).describe("Matching records to skip");
const limit = z.int().min(1).max(2000).default(200).describe("Records to return at most");
const queryResult = z.object({
  totalSize: z.int().describe("Records that match, returned or not"),
  done: z.boolean().describe("Whether no further records follow"),
  nextOffset: z.int().nullable().describe("Offset of the next page, null if done"),
  records: z.array(record),
});

/** Those that take an array; `!=` is then "none of". */
const listOperators: ReadonlySet<string> = new Set(["=", "!=", "IN"]);

/** Null first, numbers by size, everything else as text. */
function compareValues(a: CrmValue, b: CrmValue): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return typeof a === "number" && typeof b === "number" ? a - b : compareText(String(a), String(b));
}

/** SOQL's LIKE: `%` is any text, `_` any one character, case-insensitive. */
function like(value: CrmValue, pattern: string): boolean {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return value !== null && new RegExp(`^${source}$`, "is").test(String(value));
}

function matches(value: CrmValue, operator: (typeof operators)[number], wanted: CrmValue | readonly CrmValue[]): boolean {
  if (Array.isArray(wanted)) return operator === "!=" ? !wanted.includes(value) : wanted.includes(value);
  const single = wanted as CrmValue;
  switch (operator) {
    case "=":
    case "IN":
      return value === single;
    case "!=":
      return value !== single;
    case "LIKE":
      return like(value, String(single));
    case "<":
      return value !== null && compareValues(value, single) < 0;
    case "<=":
      return value !== null && compareValues(value, single) <= 0;
    case ">":
      return value !== null && compareValues(value, single) > 0;
    case ">=":
      return value !== null && compareValues(value, single) >= 0;
  }
}

function pageOf(
  found: readonly CrmRecord[],
  offset: number,
  size: number,
  render: (one: CrmRecord) => { [field: string]: CrmValue },
) {
  const end = Math.min(offset + size, found.length);
  const done = end >= found.length;
  return { totalSize: found.length, done, nextOffset: done ? null : end, records: found.slice(offset, end).map(render) };
}

export const readingTools = [
  tool({
    name: "query_records",
    description:
      "Query records of one object. All conditions must hold. Works like a SOQL query: choose the fields, filter, sort and page. LIKE takes % and _ as wildcards; IN takes an array of values.",
    input: z.object({
      objectType,
      fields: fieldNames,
      where: z
        .array(
          z.object({
            field: z.string().describe("Field API name"),
            operator: z.enum(operators).default("=").describe("Comparison"),
            value: z.union([scalar, z.array(scalar)]).describe("Value to compare with; an array for IN"),
          }),
        )
        .default([])
        .describe("Conditions, joined by AND"),
      orderBy: z.string().optional().describe("Field API name to sort by; default: order of creation"),
      descending: z.boolean().default(false).describe("Sort in descending order"),
      limit,
      offset,
    }),
    output: queryResult,
    run(state, args) {
      const object = objectOf(args.objectType);
      for (const { field, operator, value } of args.where) {
        fieldOf(object, field);
        if (Array.isArray(value) && !listOperators.has(operator)) {
          throw new ToolFailure(`where: ${field} ${operator} takes one value. Use IN with an array.`);
        }
      }
      const found = Object.values(state.records[object.name]).filter((one) =>
        args.where.every(({ field, operator, value }) => matches(one[field] ?? null, operator, value)),
      );
      if (args.orderBy !== undefined) {
        const by = fieldOf(object, args.orderBy).name;
        const sign = args.descending ? -1 : 1;
        found.sort((a, b) => sign * compareValues(a[by] ?? null, b[by] ?? null) || compareText(a.Id, b.Id));
      }
      return pageOf(found, args.offset, args.limit, (one) => projected(one, object, args.fields));
    },
  }),
  tool({
    name: "search_records",
    description:
      "Search text across several objects at once, as the search bar does: finds records of which any text field contains all of the words.",
    input: z.object({
      query: z.string().min(2).describe("Words to look for, case-insensitive"),
      objectTypes: z.array(z.string()).optional().describe("Objects to search; default: all"),
      limit: z.int().min(1).max(200).default(20).describe("Matches to return at most"),
    }),
    output: z.object({
      totalSize: z.int().describe("Records that match, returned or not"),
      matches: z.array(z.object({ objectType: z.string(), id: z.string(), name: z.string(), matchedField: z.string() })),
    }),
    run(state, args) {
      const words = args.query.toLowerCase().split(/\s+/).filter(Boolean);
      const types = args.objectTypes?.map((name) => objectOf(name).name) ?? crmObjectTypes;
      const found = types.flatMap((type) =>
        Object.values(state.records[type]).flatMap((one) => {
          const hit = Object.entries(one).find(
            ([name, value]) =>
              name !== "Id" && typeof value === "string" && words.every((word) => value.toLowerCase().includes(word)),
          );
          if (hit === undefined) return [];
          return [
            { objectType: type, id: one.Id, name: String(one.Name ?? one.Subject ?? one.Title ?? ""), matchedField: hit[0] },
          ];
        }),
      );
      return { totalSize: found.length, matches: found.slice(0, args.limit) };
    },
  }),
  tool({
    name: "get_record",
    description: "Get one record by its ID.",
    input: z.object({ objectType, recordId, fields: fieldNames }),
    output: z.object({ objectType: z.string(), id: z.string(), fields: record }),
    run(state, args) {
      const object = objectOf(args.objectType);
      const found = recordOf(state, object, args.recordId);
      return { objectType: object.name, id: found.Id, fields: projected(found, object, args.fields) };
    },
  }),
  tool({
    name: "get_related_records",
    description:
      "List the records of another object that refer to a record, for example the contacts or opportunities of an account.",
    input: z.object({
      objectType,
      recordId,
      relatedObjectType: z.string().describe("API name of the related object, e.g. Contact"),
      fields: fieldNames,
      limit,
      offset,
    }),
    output: queryResult,
    run(state, args) {
      recordOf(state, objectOf(args.objectType), args.recordId);
      const related = objectOf(args.relatedObjectType);
      const found = referrers(state, args.recordId, related.name).map((one) => one.record);
      return pageOf(found, args.offset, args.limit, (one) => projected(one, related, args.fields));
    },
  }),
  tool({
    name: "list_recent_records",
    description: "List the records of an object that were changed last, newest first.",
    input: z.object({
      objectType,
      fields: fieldNames,
      limit: z.int().min(1).max(200).default(10).describe("Records to return at most"),
    }),
    output: z.object({ records: z.array(record) }),
    run(state, args) {
      const object = objectOf(args.objectType);
      const sorted = Object.values(state.records[object.name]).sort(
        (a, b) => compareValues(b.LastModifiedDate ?? null, a.LastModifiedDate ?? null) || compareText(a.Id, b.Id),
      );
      return { records: sorted.slice(0, args.limit).map((one) => projected(one, object, args.fields)) };
    },
  }),
  tool({
    name: "list_objects",
    description: "List the objects of this organisation with their labels and number of records.",
    input: z.object({}),
    output: z.object({
      objects: z.array(z.object({ name: z.string(), label: z.string(), custom: z.boolean(), recordCount: z.int() })),
    }),
    run: (state) => ({
      objects: crmObjectTypes.map((type) => {
        const { name, label, custom } = crmObjects[type];
        return { name, label, custom, recordCount: Object.keys(state.records[type]).length };
      }),
    }),
  }),
  tool({
    name: "describe_object",
    description:
      "Describe an object's fields: API name, label, type, whether it is required and writable, picklist values and what it refers to.",
    input: z.object({ objectType }),
    output: z.object({
      name: z.string(),
      label: z.string(),
      labelPlural: z.string(),
      fields: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          type: z.string(),
          required: z.boolean(),
          writable: z.boolean(),
          picklistValues: z.array(z.string()).optional(),
          referenceTo: z.array(z.string()).optional(),
        }),
      ),
    }),
    run(_state, args) {
      const { name, label, labelPlural, fields } = objectOf(args.objectType);
      const shown = fields.map(({ picklistValues, referenceTo, ...rest }) => ({
        ...rest,
        ...(picklistValues !== undefined && { picklistValues: [...picklistValues] }),
        ...(referenceTo !== undefined && { referenceTo: [...referenceTo] }),
      }));
      return { name, label, labelPlural, fields: shown };
    },
  }),
];
