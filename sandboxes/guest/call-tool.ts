/** `callTool`, the one way from a program to a tool. Only JSON text crosses, in both directions. */
import { host } from "./host.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** The stack where the program called, so that a failure shows the program's own line. */
  readonly stack: string;
}

const stringify = JSON.stringify;
const parse = JSON.parse;
const pending = new Map<number, Pending>();
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
  const stack = new Error().stack ?? "";
  return new Promise((resolve, reject) => {
    if (typeof server !== "string" || typeof tool !== "string") {
      throw new TypeError("callTool needs the names of a server and a tool");
    }
    const json = inputJson(server, tool, input);
    const id = nextId++;
    pending.set(id, { resolve, reject, stack });
    host.call(id, server, tool, json);
  });
}

/** Structured content if the tool sent it, else its text; a `ToolError` with the text if the call did not succeed. */
export function settleCall(id: number, ok: boolean, json: string | undefined, text: string): void {
  const call = pending.get(id);
  if (call === undefined) return;
  pending.delete(id);
  if (ok) {
    call.resolve(json === undefined ? text : parse(json));
    return;
  }
  const error = new Error(text);
  error.name = "ToolError";
  error.stack = `ToolError: ${text}\n${call.stack}`;
  call.reject(error);
}

export const callsInFlight = () => pending.size;
