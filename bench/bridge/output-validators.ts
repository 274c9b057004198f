/**
 * Validators of tools' structured results, compiled once a process: compiling takes a millisecond and a fresh
 * connection is made for every cell.
 */
import type { JsonSchemaType, JsonSchemaValidator, jsonSchemaValidator } from "@modelcontextprotocol/client";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { LRUCache } from "lru-cache";

/** Distinct schemas kept; a tool's schema is compiled at its first call. */
const maxSchemas = 256;

const byText = new LRUCache<string, JsonSchemaValidator<unknown>>({ max: maxSchemas });
const bySchema = new WeakMap<object, JsonSchemaValidator<unknown>>();

export const sharedValidators: jsonSchemaValidator = {
  getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
    let validator = bySchema.get(schema);
    if (validator === undefined) {
      const text = JSON.stringify(schema);
      validator = byText.get(text);
      if (validator === undefined) {
        // An engine of its own for each schema: an engine never forgets one, and answers for any other with its $id.
        validator = new AjvJsonSchemaValidator().getValidator<unknown>(schema);
        byText.set(text, validator);
      }
      bySchema.set(schema, validator);
    }
    return validator as JsonSchemaValidator<T>;
  },
};
