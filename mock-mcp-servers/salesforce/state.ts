/** The mock organisation's records, and the rules by which they are read and written. */
import { writeTime } from "../../fixtures/calendar.ts";
import { type CrmObjectType, type CrmRecord, type CrmValue, crm, crmObjectTypes, salesforceId } from "../../fixtures/crm.ts";
import { memoised } from "../../fixtures/memo.ts";
import { type Collection, lookup, withoutRecord, withRecord } from "../lib/collection.ts";
import { ToolFailure } from "../lib/mock-server.ts";
import { type CrmField, type CrmObject, crmObjects } from "./objects.ts";

export type CrmRecords = { readonly [T in CrmObjectType]: Collection<CrmRecord> };

/** `records` is replaced when it changes and never altered, so that states may share data. */
export interface SalesforceState {
  /** Mail address of whoever the tools act for. */
  readonly user: string;
  records: CrmRecords;
  /** Ids given out so far. */
  idsIssued: number;
}

/** Values of a record by field name, as a tool is given them. */
export type FieldValues = { readonly [field: string]: CrmValue };

export interface SalesforceStart {
  readonly seed: number;
  /** Records of the scenario's own; fields that are left out are null. They may replace seeded ones. */
  readonly records?: { readonly [T in CrmObjectType]?: readonly CrmRecord[] };
}

/** A fresh state: the seeded organisation of `fixtures/crm.ts` and the scenario's own records. Its data is shared. */
export function salesforceState({ seed, records = {} }: SalesforceStart): SalesforceState {
  let all = organisation(seed);
  for (const type of crmObjectTypes) {
    const own = records[type];
    if (own !== undefined) all = { ...all, [type]: { ...all[type], ...keyed(own.map((one) => ({ ...blank(type), ...one }))) } };
  }
  return { user: "integration@corp.example", records: all, idsIssued: 0 };
}

const organisation = memoised((seed: number): CrmRecords => {
  const data = crm(seed);
  const collections = crmObjectTypes.map((type) => [type, keyed(data[type])]);
  return Object.freeze(Object.fromEntries(collections)) as CrmRecords;
});

function keyed(records: readonly CrmRecord[]): Collection<CrmRecord> {
  return Object.freeze(Object.fromEntries(records.map((record) => [record.Id, record])));
}

/** Every field of an object, empty. */
function blank(type: CrmObjectType): FieldValues {
  return Object.fromEntries(crmObjects[type].fields.map(({ name, type: kind }) => [name, kind === "boolean" ? false : null]));
}

/** Throws ToolFailure that lists the objects. */
export function objectOf(name: string): CrmObject {
  const found = crmObjectTypes.find((type) => type === name);
  if (found === undefined)
    throw new ToolFailure(`Object type "${name}" does not exist. Available: ${crmObjectTypes.join(", ")}.`);
  return crmObjects[found];
}

/** Throws ToolFailure that names the tool which lists fields. */
export function fieldOf(object: CrmObject, name: string): CrmField {
  const found = object.fields.find((one) => one.name === name);
  if (found === undefined) {
    throw new ToolFailure(`No field "${name}" on ${object.name}. Use describe_object to see its fields.`);
  }
  return found;
}

/** The record. Throws ToolFailure for an id that this object does not have. */
export function recordOf(state: SalesforceState, object: CrmObject, id: string): CrmRecord {
  const found = lookup(state.records[object.name], id);
  if (found === undefined) throw new ToolFailure(`${object.name} record not found: ${id}. Use query_records to find a valid id.`);
  return found;
}

/** Only the named fields, `Id` always first; all fields if no name is given. */
export function projected(
  record: CrmRecord,
  object: CrmObject,
  fields: readonly string[] | undefined,
): { [field: string]: CrmValue } {
  const names = fields === undefined ? object.fields.map((one) => one.name) : ["Id", ...fields.filter((name) => name !== "Id")];
  return Object.fromEntries(names.map((name) => [name, record[fieldOf(object, name).name] ?? null]));
}

/** Adds a record. Throws ToolFailure for a missing, unknown, read-only or ill-typed field. */
export function createRecord(state: SalesforceState, object: CrmObject, values: FieldValues): CrmRecord {
  checkValues(state, object, values);
  for (const { name, required } of object.fields) {
    if (required && (values[name] ?? "") === "") throw new ToolFailure(`Required field missing on ${object.name}: ${name}.`);
  }
  state.idsIssued += 1;
  const system = {
    Id: salesforceId(object.name, "5h", state.idsIssued),
    Owner: values.Owner ?? state.user,
    CreatedDate: writeTime,
    LastModifiedDate: writeTime,
  };
  return store(state, object, { ...blank(object.name), ...values, ...system });
}

/** Replaces fields of a record. Throws ToolFailure as `createRecord` does. */
export function updateRecord(state: SalesforceState, object: CrmObject, id: string, values: FieldValues): CrmRecord {
  const before = recordOf(state, object, id);
  checkValues(state, object, values);
  for (const { name, required } of object.fields) {
    if (required && name in values && (values[name] ?? "") === "")
      throw new ToolFailure(`${name} of ${object.name} cannot be empty.`);
  }
  return store(state, object, { ...before, ...values, LastModifiedDate: writeTime });
}

/** For fields that only the system sets, such as those of a converted lead. */
export function setSystemFields(state: SalesforceState, object: CrmObject, id: string, values: FieldValues): CrmRecord {
  return store(state, object, { ...recordOf(state, object, id), ...values, LastModifiedDate: writeTime });
}

/** Removes a record. Throws ToolFailure while other records refer to it. */
export function deleteRecord(state: SalesforceState, object: CrmObject, id: string): void {
  recordOf(state, object, id);
  const referrer = referrers(state, id)[0];
  if (referrer !== undefined) {
    throw new ToolFailure(
      `${object.name} ${id} cannot be deleted: ${referrer.type} ${referrer.record.Id} refers to it in ${referrer.field}.`,
    );
  }
  state.records = { ...state.records, [object.name]: withoutRecord(state.records[object.name], id) };
}

/** Every record with a reference field that holds `id`. */
export function referrers(state: SalesforceState, id: string, only?: CrmObjectType) {
  return crmObjectTypes
    .filter((type) => only === undefined || type === only)
    .flatMap((type) => {
      const fields = crmObjects[type].fields.filter((one) => one.type === "reference").map((one) => one.name);
      return Object.values(state.records[type]).flatMap((record) => {
        const field = fields.find((name) => record[name] === id);
        return field === undefined ? [] : [{ type, record, field }];
      });
    });
}

function store(state: SalesforceState, object: CrmObject, record: CrmRecord): CrmRecord {
  const isPerson = object.name === "Contact" || object.name === "Lead";
  const named = isPerson ? { ...record, Name: [record.FirstName, record.LastName].filter(Boolean).join(" ") } : record;
  state.records = { ...state.records, [object.name]: withRecord(state.records[object.name], named.Id, named) };
  return named;
}

function checkValues(state: SalesforceState, object: CrmObject, values: FieldValues): void {
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(object, name);
    if (!field.writable) throw new ToolFailure(`${object.name}.${name} is read-only.`);
    if (value === null) continue;
    const wanted = jsonTypes[field.type] ?? "string";
    if (typeof value !== wanted) throw new ToolFailure(`${object.name}.${name} must be a ${wanted}, not a ${typeof value}.`);
    if (field.picklistValues !== undefined && !field.picklistValues.includes(String(value))) {
      throw new ToolFailure(`"${value}" is not a value of ${object.name}.${name}. Values: ${field.picklistValues.join(", ")}.`);
    }
    if (field.type === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(String(value))) {
      throw new ToolFailure(`${object.name}.${name} must be a date as YYYY-MM-DD.`);
    }
    if (
      field.referenceTo !== undefined &&
      !field.referenceTo.some((type) => lookup(state.records[type], String(value)) !== undefined)
    ) {
      throw new ToolFailure(`${object.name}.${name}: no ${field.referenceTo.join(" or ")} with id ${value}.`);
    }
  }
}

/** Fields whose values are not text. */
const jsonTypes: { readonly [type: string]: "number" | "boolean" } = { number: "number", currency: "number", boolean: "boolean" };
