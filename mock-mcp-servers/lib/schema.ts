/** From zod to what a client sees: JSON Schemas in the form that the SDK's own server sends, and readable errors. */
import { z } from "zod";
import type { JsonObject } from "../../contract/json.ts";

/** A tool's JSON Schema, key order included, as McpServer of the SDK would list it. */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const converted = z.toJSONSchema(schema, { io }) as JsonObject;
  // McpServer puts "type" first for arguments only.
  return io === "input" ? { type: "object", ...converted } : converted;
}

/** One line: every field with its problem. */
export function invalidArguments(tool: string, error: z.ZodError): string {
  const problems = error.issues.map((issue) => {
    const field = issue.path.map(String).join(".");
    return field === "" ? issue.message : `${field}: ${issue.message}`;
  });
  return `Invalid arguments for tool ${tool}: ${problems.join("; ")}. Correct them and call again.`;
}
