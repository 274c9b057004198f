/** Schemas that several Salesforce tools share. */
import { z } from "zod";

export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const objectType = z
  .string()
  .describe("API name of the object, e.g. Lead, Contact, Account, Opportunity, SalesMeeting, Task");
export const recordId = z.string().describe("18-character record ID");
export const fieldValues = z.record(z.string(), scalar).describe("Field API names and their values");
export const fieldNames = z
  .array(z.string())
  .min(1)
  .optional()
  .describe("Field API names to return besides Id; default: all fields");
export const record = z.record(z.string(), scalar).describe("Field API names and values");
export const saved = z.object({
  id: z.string().describe("Record ID"),
  success: z.boolean().describe("Whether the record was saved"),
});
