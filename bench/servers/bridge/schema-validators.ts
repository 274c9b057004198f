/**
 * Validators of tools' structured results, and of what a model gives a tool, compiled once a process: compiling takes a
 * millisecond and a fresh connection is made for every cell.
 */
import { createContext, Script } from "node:vm";
import type { JsonSchemaType, JsonSchemaValidator, jsonSchemaValidator } from "@modelcontextprotocol/client";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { LRUCache } from "lru-cache";

/** Distinct schemas kept; a schema is compiled when it is first needed. */
const maxSchemas = 256;

/** Keywords whose check can take far longer than the data is large: practically for ever. */
const slowKeywords = /"(?:pattern|patternProperties|format|uniqueItems|\$ref|\$dynamicRef)"/;
/** Milliseconds for one check of a schema with such a keyword. */
const checkTimeoutMs = 1_000;

export const outputValidators = validators("output");
export const inputValidators = validators("input");

function validators(of: "input" | "output"): jsonSchemaValidator {
  const byText = new LRUCache<string, JsonSchemaValidator<unknown>>({ max: maxSchemas });
  const bySchema = new WeakMap<object, JsonSchemaValidator<unknown>>();
  return {
    getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
      let validator = bySchema.get(schema);
      if (validator === undefined) {
        const text = JSON.stringify(schema);
        validator = byText.get(text);
        if (validator === undefined) {
          // An engine of its own for each schema: an engine never forgets one, and answers for any other with its $id.
          validator = new AjvJsonSchemaValidator().getValidator<unknown>(schema);
          if (slowKeywords.test(text)) validator = withinTime(validator, of);
          byText.set(text, validator);
        }
        bySchema.set(schema, validator);
      }
      return validator as JsonSchemaValidator<T>;
    },
  };
}

/** One for all checks: each is over before the next begins. */
const watched: { check?: () => unknown } = createContext({});
const runCheck = new Script("check()");

/** The same validator, ended from outside when it takes too long: a server chooses schema and data, and checks run in this thread. */
function withinTime(validator: JsonSchemaValidator<unknown>, of: "input" | "output"): JsonSchemaValidator<unknown> {
  return (input) => {
    watched.check = () => validator(input);
    try {
      return runCheck.runInContext(watched, { timeout: checkTimeoutMs });
    } catch (error) {
      // Not an Error of this realm.
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const errorMessage = `it could not be checked against the tool's ${of} schema within ${checkTimeoutMs} ms`;
      return { valid: false, data: undefined, errorMessage };
    }
  };
}
