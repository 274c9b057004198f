/** What the mock organisation's objects look like: fields, types, picklists, references. */
import type { CrmObjectType } from "../../fixtures/crm.ts";

export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "email"
  | "phone"
  | "url"
  | "number"
  | "currency"
  | "boolean"
  | "date"
  | "datetime"
  | "picklist"
  | "reference";

export interface CrmField {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** May be set by create, update and upsert. */
  readonly writable: boolean;
  readonly picklistValues?: readonly string[];
  readonly referenceTo?: readonly CrmObjectType[];
}

export interface CrmObject {
  readonly name: CrmObjectType;
  readonly label: string;
  readonly labelPlural: string;
  readonly custom: boolean;
  readonly fields: readonly CrmField[];
}

type Extra = Partial<Pick<CrmField, "required" | "writable" | "picklistValues" | "referenceTo">>;

/** A field whose label is its name with spaces: `CloseDate` is "Close Date". */
function field(name: string, type: FieldType, extra: Extra = {}): CrmField {
  const label = name.replace(/Id$/, "").replace(/([a-z])([A-Z])/g, "$1 $2");
  return { name, label: label === "" ? "Record ID" : label, type, required: false, writable: true, ...extra };
}

const picklist = (name: string, picklistValues: readonly string[], extra: Extra = {}) =>
  field(name, "picklist", { picklistValues, ...extra });
const reference = (name: string, ...referenceTo: readonly CrmObjectType[]) => field(name, "reference", { referenceTo });
const required = { required: true };
const readOnly = { writable: false };

function object(name: CrmObjectType, label: string, labelPlural: string, fields: readonly CrmField[]): CrmObject {
  return {
    name,
    label,
    labelPlural,
    custom: name === "SalesMeeting",
    fields: [
      field("Id", "id", readOnly),
      ...fields,
      field("Owner", "email"),
      field("CreatedDate", "datetime", readOnly),
      field("LastModifiedDate", "datetime", readOnly),
    ],
  };
}

export const crmObjects: { readonly [T in CrmObjectType]: CrmObject } = {
  Account: object("Account", "Account", "Accounts", [
    field("Name", "string", required),
    picklist("Industry", ["Manufacturing", "Retail", "Transportation", "Healthcare", "Energy", "Food & Beverage", "Electronics"]),
    field("Website", "url"),
    field("Phone", "phone"),
    field("BillingCity", "string"),
    field("BillingCountry", "string"),
    field("NumberOfEmployees", "number"),
    field("AnnualRevenue", "currency"),
    picklist("Type", ["Prospect", "Customer", "Partner"]),
  ]),
  Contact: object("Contact", "Contact", "Contacts", [
    field("FirstName", "string"),
    field("LastName", "string", required),
    field("Name", "string", readOnly),
    reference("AccountId", "Account"),
    field("Email", "email"),
    field("Phone", "phone"),
    field("Title", "string"),
    field("Department", "string"),
    field("DoNotCall", "boolean"),
  ]),
  Lead: object("Lead", "Lead", "Leads", [
    field("FirstName", "string"),
    field("LastName", "string", required),
    field("Name", "string", readOnly),
    field("Company", "string", required),
    field("Email", "email"),
    field("Phone", "phone"),
    field("Title", "string"),
    picklist("Status", ["Open - Not Contacted", "Working - Contacted", "Qualified", "Unqualified", "Converted"]),
    picklist("LeadSource", ["Web", "Trade Show", "Referral", "Webinar", "Cold Call"]),
    picklist("Rating", ["Hot", "Warm", "Cold"]),
    field("Description", "textarea"),
    field("IsConverted", "boolean", readOnly),
    { ...reference("ConvertedAccountId", "Account"), ...readOnly },
    { ...reference("ConvertedContactId", "Contact"), ...readOnly },
    { ...reference("ConvertedOpportunityId", "Opportunity"), ...readOnly },
  ]),
  Opportunity: object("Opportunity", "Opportunity", "Opportunities", [
    field("Name", "string", required),
    reference("AccountId", "Account"),
    picklist(
      "StageName",
      [
        "Prospecting",
        "Qualification",
        "Needs Analysis",
        "Proposal/Price Quote",
        "Negotiation/Review",
        "Closed Won",
        "Closed Lost",
      ],
      required,
    ),
    field("Probability", "number"),
    field("Amount", "currency"),
    field("CloseDate", "date", required),
    field("NextStep", "string"),
    field("Description", "textarea"),
  ]),
  SalesMeeting: object("SalesMeeting", "Sales Meeting", "Sales Meetings", [
    field("Name", "string", required),
    reference("AccountId", "Account"),
    reference("ContactId", "Contact"),
    reference("OpportunityId", "Opportunity"),
    field("MeetingDate", "date"),
    field("DurationMinutes", "number"),
    picklist("Outcome", ["Pending", "Positive", "Neutral", "Negative", "No-show"]),
    field("Notes", "textarea"),
  ]),
  Task: object("Task", "Task", "Tasks", [
    field("Subject", "string", required),
    picklist("Status", ["Not Started", "In Progress", "Completed", "Deferred"]),
    picklist("Priority", ["High", "Normal", "Low"]),
    field("ActivityDate", "date"),
    reference("WhoId", "Contact", "Lead"),
    reference("WhatId", "Account", "Opportunity", "SalesMeeting"),
    field("Description", "textarea"),
  ]),
  Note: object("Note", "Note", "Notes", [
    field("Title", "string", required),
    field("Body", "textarea"),
    { ...reference("ParentId", "Account", "Contact", "Lead", "Opportunity", "SalesMeeting"), ...required },
  ]),
};
