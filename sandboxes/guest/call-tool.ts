/** `callTool`, the one way from a program to a tool. Only JSON text crosses, in both directions. */
import { host } from "./host.ts";
import { inputTooLong, maxInputBytes, maxNameLength } from "./limits.ts";
import { withOwnMethods } from "./own-methods.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Made where the program called, so that a failure shows the program's own line. Its stack is written only then. */
  readonly place: Error;
}

const stringify = JSON.stringify;
const parse = JSON.parse;
const pending = withOwnMethods(new Map<number, Pending>());
let nextId = 1;

function inputJson(server: string, tool: string, input: unknown): string {
  let json: string | undefined;
  try {
    json = stringify(input);
  } catch {
    // Engines word this differently, and a toJSON of the program's own may throw anything.
    throw new TypeError(`The input of ${server}/${tool} cannot be written as JSON`);
  }
  if (json?.[0] !== "{") throw new TypeError(`The input of ${server}/${tool} must be a JSON object`);
  return json;
}

export function callTool(server: unknown, tool: unknown, input: unknown): Promise<unknown> {
  const place = new Error();
  return new Promise((resolve, reject) => {
    if (typeof server !== "string" || typeof tool !== "string") {
      throw new TypeError("callTool needs the names of a server and a tool");
    }
    if (server.length > maxNameLength || tool.length > maxNameLength) {
      throw new TypeError(`The name of a server or tool is longer than ${maxNameLength} characters`);
    }
    const json = inputJson(server, tool, input);
    // Every unit takes a byte at least. Who carries the call counts the bytes themselves.
    if (json.length > maxInputBytes) {
      reject(toolError(inputTooLong(server, tool), place));
      return;
    }
    const id = nextId++;
    pending.set(id, { resolve, reject, place });
    host.call(id, server, tool, json);
  });
}

/** Structured content if the tool sent it, else its text; a `ToolError` with the text if the call did not succeed. */
export function settleCall(id: number, kind: "json" | "text" | "refused", text: string): void {
  const call = pending.get(id);
  if (call === undefined) return;
  pending.delete(id);
  if (kind === "refused") call.reject(toolError(text, call.place));
  else call.resolve(kind === "json" ? parse(text) : text);
}

function toolError(text: string, place: Error): Error {
  const error = new Error(text);
  error.name = "ToolError";
  // No template: QuickJS makes one with a method of String.prototype.
  let stack = "ToolError: ";
  stack += text;
  stack += "\n";
  stack += place.stack ?? "";
  error.stack = stack;
  return error;
}

export const callsInFlight = () => pending.size;
