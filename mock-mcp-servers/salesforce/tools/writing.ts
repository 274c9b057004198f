/** Tools that change records. */
import { z } from "zod";
import { addDays, today } from "../../../fixtures/calendar.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { crmObjects } from "../objects.ts";
import {
  createRecord,
  deleteRecord,
  fieldOf,
  objectOf,
  recordOf,
  type SalesforceState,
  setSystemFields,
  updateRecord,
} from "../state.ts";
import { fieldValues, objectType, recordId, saved, scalar } from "./shapes.ts";

const tool = toolsOver<SalesforceState>();

export const writingTools = [
  tool({
    name: "create_record",
    description: "Create a record. Required fields must be present; unknown and read-only fields are refused.",
    input: z.object({ objectType, fields: fieldValues }),
    output: saved,
    run: (state, args) => ({ id: createRecord(state, objectOf(args.objectType), args.fields).Id, success: true }),
  }),
  tool({
    name: "update_record",
    description: "Update fields of an existing record. Fields that are not given stay as they are; null empties a field.",
    input: z.object({ objectType, recordId, fields: fieldValues }),
    output: saved,
    run: (state, args) => ({ id: updateRecord(state, objectOf(args.objectType), args.recordId, args.fields).Id, success: true }),
  }),
  tool({
    name: "upsert_record",
    description:
      "Update the record whose match field has the given value, or create it if there is none. Refused if several records match.",
    input: z.object({
      objectType,
      matchField: z.string().describe("Field API name that identifies the record, e.g. Email"),
      matchValue: scalar.describe("Value to match"),
      fields: fieldValues,
    }),
    output: saved.extend({ created: z.boolean().describe("Whether a record was created") }),
    run(state, args) {
      const object = objectOf(args.objectType);
      const by = fieldOf(object, args.matchField);
      const found = Object.values(state.records[object.name]).filter((one) => one[by.name] === args.matchValue);
      if (found.length > 1)
        throw new ToolFailure(`${found.length} ${object.labelPlural} have ${by.name} "${args.matchValue}". Use update_record.`);
      const existing = found[0];
      if (existing !== undefined)
        return { id: updateRecord(state, object, existing.Id, args.fields).Id, success: true, created: false };
      const match = { [by.name]: args.matchValue };
      return { id: createRecord(state, object, { ...match, ...args.fields }).Id, success: true, created: true };
    },
  }),
  tool({
    name: "delete_record",
    description: "Delete a record. Refused while other records refer to it.",
    input: z.object({ objectType, recordId }),
    output: saved,
    run(state, args) {
      deleteRecord(state, objectOf(args.objectType), args.recordId);
      return { id: args.recordId, success: true };
    },
  }),
  tool({
    name: "create_task",
    description:
      "Create a follow-up task, related to a person (lead or contact) and, if wanted, to an account, opportunity or meeting.",
    input: z.object({
      subject: z.string().min(1).describe("What is to be done"),
      dueDate: z.string().optional().describe("Due date as YYYY-MM-DD"),
      priority: z.enum(["High", "Normal", "Low"]).default("Normal").describe("Priority"),
      whoId: z.string().optional().describe("ID of a lead or contact"),
      whatId: z.string().optional().describe("ID of an account, opportunity or sales meeting"),
      description: z.string().optional().describe("Details"),
    }),
    output: saved,
    run(state, args) {
      const fields = {
        Subject: args.subject,
        Status: "Not Started",
        Priority: args.priority,
        ActivityDate: args.dueDate ?? null,
        WhoId: args.whoId ?? null,
        WhatId: args.whatId ?? null,
        Description: args.description ?? null,
      };
      return { id: createRecord(state, crmObjects.Task, fields).Id, success: true };
    },
  }),
  tool({
    name: "add_note",
    description: "Attach a titled note to a record.",
    input: z.object({
      parentId: z.string().describe("ID of the record to attach the note to"),
      title: z.string().min(1).describe("Title of the note"),
      body: z.string().describe("Text of the note"),
    }),
    output: saved,
    run: (state, args) => ({
      id: createRecord(state, crmObjects.Note, { ParentId: args.parentId, Title: args.title, Body: args.body }).Id,
      success: true,
    }),
  }),
  tool({
    name: "convert_lead",
    description:
      "Convert a lead: creates a contact, and an account unless one is given, and an opportunity if a name for it is given.",
    input: z.object({
      leadId: z.string().describe("ID of the lead"),
      accountId: z.string().optional().describe("Existing account to use instead of creating one"),
      opportunityName: z.string().optional().describe("Name of an opportunity to create"),
    }),
    output: z.object({
      leadId: z.string(),
      accountId: z.string(),
      contactId: z.string(),
      opportunityId: z.string().nullable().describe("null if no opportunity was created"),
    }),
    run(state, args) {
      const lead = recordOf(state, crmObjects.Lead, args.leadId);
      if (lead.IsConverted === true)
        throw new ToolFailure(`Lead ${args.leadId} was converted before, to contact ${lead.ConvertedContactId}.`);
      // Here, because the account and the contact are made before the opportunity is checked.
      if (args.opportunityName === "") throw new ToolFailure("opportunityName cannot be empty. Leave it out for no opportunity.");
      const { Company: Name = null, FirstName = null, LastName = null, Email = null, Phone = null, Title = null } = lead;
      const account =
        args.accountId === undefined
          ? createRecord(state, crmObjects.Account, { Name, Type: "Prospect" })
          : recordOf(state, crmObjects.Account, args.accountId);
      const contact = createRecord(state, crmObjects.Contact, {
        FirstName,
        LastName,
        Email,
        Phone,
        Title,
        AccountId: account.Id,
      });
      const opportunity =
        args.opportunityName === undefined
          ? undefined
          : createRecord(state, crmObjects.Opportunity, {
              Name: args.opportunityName,
              AccountId: account.Id,
              StageName: "Qualification",
              CloseDate: addDays(today, 90),
            });
      setSystemFields(state, crmObjects.Lead, lead.Id, {
        Status: "Converted",
        IsConverted: true,
        ConvertedAccountId: account.Id,
        ConvertedContactId: contact.Id,
        ConvertedOpportunityId: opportunity?.Id ?? null,
      });
      return { leadId: lead.Id, accountId: account.Id, contactId: contact.Id, opportunityId: opportunity?.Id ?? null };
    },
  }),
];
