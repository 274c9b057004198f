/**
 * The host side of tool calls: grants, size caps, concurrency, and a log of every call. What a guest or a server sends
 * is untrusted, and nothing that either does makes a call reject.
 */
import { SdkError, SdkErrorCode, type Tool } from "@modelcontextprotocol/client";
import {
  BenchError,
  type Bridge,
  type BridgeLimits,
  type CallLogEntry,
  type CallReply,
  type JsonObject,
  type OutputSchemas,
  type QualifiedToolName,
  type ToolDefinition,
  virtualWaitKey,
} from "../../../contract/index.ts";
import type { Connection } from "../connection.ts";
import { callSlots } from "./call-slots.ts";

const defaultCallTimeoutMs = 60_000;
/** A name from a guest is cut to this many characters in texts and in the log. */
const maxNameCharacters = 128;
const maxFailureCharacters = 2_000;
/** Of these failures the SDK knows only that no answer came; the transport may know why. */
const lostCodes: ReadonlySet<string> = new Set([
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.RequestTimeout,
]);
/** Longer texts are measured when the log is read, so that the caller does not wait for it. */
const measureAtOnceCharacters = 4_096;
/** Characters of texts that are held until then. Past this they are measured and dropped. */
const maxHeldCharacters = 64 * 1024 * 1024;

export interface BridgeOptions {
  readonly limits: BridgeLimits;
  /** Tools that may be called, as `server__tool`; absent: every tool of the connections. */
  readonly grants?: Iterable<QualifiedToolName>;
  /** Which tools declare what they return; default `real`. */
  readonly outputSchemas?: OutputSchemas;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Milliseconds until a call without an answer is `failed`; default 60,000. Waiting for a free slot is not counted. */
  readonly callTimeoutMs?: number;
}

interface Callable {
  readonly connection: Connection;
  /** As guest and model see it. */
  readonly shown: ToolDefinition;
  /** What the SDK needs to check a structured result; one object for every call, so that its validator is found again. */
  readonly definition: Tool;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Lends the connections' tools out, under limits. The caller closes the connections. A bridge serves one cell.
 *
 * Every call is logged with its bytes: of the arguments as JSON, and of the text that the server sent (0 when it sent
 * none). A call past `maxCalls` is denied; the first such call is logged, so that a guest in a loop cannot fill memory.
 */
export function createBridge(connections: readonly Connection[], options: BridgeOptions): Bridge {
  const { limits, now, callTimeoutMs = defaultCallTimeoutMs } = options;
  const callables = index(connections, options.grants, options.outputSchemas ?? "real");
  const slots = callSlots(limits.maxConcurrentCalls);
  const log: Mutable<CallLogEntry>[] = [];
  const unmeasured: { readonly entry: Mutable<CallLogEntry>; readonly text: string }[] = [];
  let heldCharacters = 0;
  let calls = 0;

  function measureHeld(): void {
    for (const { entry, text } of unmeasured) entry.resultBytes = Buffer.byteLength(text);
    unmeasured.length = 0;
    heldCharacters = 0;
  }

  function enter(
    server: string,
    tool: string,
    argumentBytes: number,
    startedAt: number,
    status: CallReply["status"],
    text: string,
  ) {
    const entry = { server: cut(server), tool: cut(tool), status, argumentBytes, resultBytes: 0, durationMs: now() - startedAt };
    log.push(entry);
    if (text.length <= measureAtOnceCharacters) {
      entry.resultBytes = Buffer.byteLength(text);
      return;
    }
    unmeasured.push({ entry, text });
    heldCharacters += text.length;
    if (heldCharacters > maxHeldCharacters) measureHeld();
  }

  async function call(server: string, tool: string, input: JsonObject, signal?: AbortSignal): Promise<CallReply> {
    const arrivedAt = now();
    const refuse = (status: "denied" | "too-large" | "failed", text: string, argumentBytes = 0): CallReply => {
      enter(server, tool, argumentBytes, arrivedAt, status, "");
      return { status, text };
    };
    calls += 1;
    if (calls > limits.maxCalls) {
      const text = `The limit of ${limits.maxCalls} tool calls is used up.`;
      return calls === limits.maxCalls + 1 ? refuse("denied", text) : { status: "denied", text };
    }
    const callable = callables.get(server)?.get(tool);
    if (callable === undefined) {
      return refuse("denied", `Tool ${label(server, tool)} is not granted. Call one of the tools that were listed.`);
    }
    // The server gets a copy of exactly what was measured: it may keep it, and a guest's object may change under it.
    const json = toJson(input);
    if (json === undefined) return refuse("failed", `The arguments of ${label(server, tool)} are not a JSON object.`);
    const argumentBytes = Buffer.byteLength(json);
    if (argumentBytes > limits.maxArgumentBytes) {
      const text = `The arguments of ${label(server, tool)} have ${argumentBytes} bytes; the limit is ${limits.maxArgumentBytes}.`;
      return refuse("too-large", text, argumentBytes);
    }
    if (!slots.take() && !(await slots.wait(signal))) {
      return refuse("failed", `The call of ${label(server, tool)} was stopped before it began.`, argumentBytes);
    }
    const startedAt = now();
    try {
      const result = await callable.connection.client.callTool(
        { name: tool, arguments: JSON.parse(json) },
        {
          toolDefinition: callable.definition,
          timeout: callTimeoutMs,
          ...(signal === undefined ? undefined : { signal }),
        },
      );
      const declared = callable.shown.outputSchema !== undefined;
      const { reply, sent } = toReply(label(server, tool), result, declared, limits.maxResultBytes);
      enter(server, tool, argumentBytes, startedAt, reply.status, sent);
      // An error's text comes from the server, and may quote what it was started with.
      return reply.status === "tool-error" ? { ...reply, text: callable.connection.redact(reply.text) } : reply;
    } catch (error) {
      const text = `The call of ${label(server, tool)} failed: ${failure(error, callable.connection)}`;
      enter(server, tool, argumentBytes, startedAt, "failed", "");
      return { status: "failed", text };
    } finally {
      slots.release();
    }
  }

  return {
    tools: [...callables.values()].flatMap((ofServer) => [...ofServer.values()].map(({ shown }) => shown)),
    instructions: connections.flatMap(({ name, instructions: text }) => (text === undefined ? [] : [{ server: name, text }])),
    call,
    get log() {
      measureHeld();
      return log;
    },
  };
}

function index(
  connections: readonly Connection[],
  grants: Iterable<QualifiedToolName> | undefined,
  outputSchemas: OutputSchemas,
) {
  const granted = grants === undefined ? undefined : new Set<string>(grants);
  const callables = new Map<string, Map<string, Callable>>();
  for (const connection of connections) {
    const { name: server, tools } = connection;
    if (callables.has(server)) {
      throw new BenchError("SERVER_START", { server, problem: "two servers have this name", fix: "Rename one of them." });
    }
    const ofServer = new Map<string, Callable>();
    for (const tool of tools) {
      const { name, inputSchema, outputSchema } = tool;
      if (granted !== undefined && !granted.has(`${server}__${name}`)) continue;
      // `tools/list` was taken as sent; the SDK's type asks for `type: "object"`, which it does not look at here.
      const definition = { name, inputSchema, ...(outputSchema === undefined ? {} : { outputSchema }) } as unknown as Tool;
      ofServer.set(name, {
        connection,
        shown: declaresOutput(connection, outputSchemas) ? tool : withoutOutput(tool),
        definition,
      });
    }
    callables.set(server, ofServer);
  }
  return callables;
}

function declaresOutput({ modelled }: Connection, outputSchemas: OutputSchemas): boolean {
  return outputSchemas === "real" ? (modelled?.declaresOutput ?? true) : outputSchemas === "all";
}

function withoutOutput({ outputSchema: _, ...tool }: ToolDefinition): ToolDefinition {
  return tool;
}

type ToolResult = Awaited<ReturnType<Connection["client"]["callTool"]>>;

/** The reply, and the text whose bytes the log gives: what the server sent, also where the reply withholds it. */
function toReply(
  name: string,
  result: ToolResult,
  declared: boolean,
  maxBytes: number,
): { readonly reply: CallReply; readonly sent: string } {
  const { content, structuredContent, isError, _meta } = result;
  const texts: string[] = [];
  for (const block of content) if (block.type === "text") texts.push(block.text);
  const sent =
    texts.length === 1 && texts[0] !== undefined
      ? texts[0]
      : texts.length > 0 || structuredContent === undefined
        ? texts.join("\n")
        : JSON.stringify(structuredContent);
  const bytes = excessBytes(sent, structuredContent, maxBytes);
  if (bytes !== undefined) {
    return { reply: { status: "too-large", text: `The result of ${name} has ${bytes} bytes; the limit is ${maxBytes}.` }, sent };
  }
  if (isError === true) return { reply: { status: "tool-error", text: sent }, sent };
  const waited = _meta?.[virtualWaitKey];
  const reply: CallReply = {
    status: "ok",
    text: sent,
    ...(declared && isJsonObject(structuredContent) ? { structured: structuredContent } : undefined),
    ...(typeof waited === "number" && Number.isFinite(waited) && waited >= 0 ? { virtualWaitSeconds: waited } : undefined),
  };
  return { reply, sent };
}

/** The bytes of the text or of the structured content as JSON, whichever goes past the limit; `undefined`: neither does. */
function excessBytes(text: string, structured: unknown, maxBytes: number): number | undefined {
  // A UTF-16 unit becomes at most 3 bytes, so most texts need no count.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) return bytes;
  }
  if (structured !== undefined && jsonBytesAtMost(structured, maxBytes) > maxBytes) {
    const bytes = Buffer.byteLength(JSON.stringify(structured));
    if (bytes > maxBytes) return bytes;
  }
  return undefined;
}

/** An upper bound of a JSON value's UTF-8 bytes, without writing it out. Stops adding once it is past `enough`. */
function jsonBytesAtMost(value: unknown, enough: number): number {
  if (typeof value === "string") return value.length * 6 + 2;
  if (typeof value !== "object" || value === null) return 25;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && bytes <= enough; i += 1) bytes += jsonBytesAtMost(value[i], enough) + 1;
    return bytes;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (bytes > enough) break;
    bytes += key.length * 6 + 4 + jsonBytesAtMost(inner, enough);
  }
  return bytes;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why a call has no result: bounded, since a server chooses the text, and without the server's secrets. */
function failure(error: unknown, connection: Connection): string {
  // A parser or validator went deeper than the stack.
  const tooDeep = error instanceof RangeError;
  const message = tooDeep ? "its result is nested too deeply" : error instanceof Error ? error.message : String(error);
  const complaint = lostCodes.has(error instanceof SdkError ? error.code : "") ? connection.complaint() : undefined;
  const text = connection.redact(complaint === undefined ? message : `${message} (${complaint})`);
  return text.length > maxFailureCharacters ? `${text.slice(0, maxFailureCharacters)}...` : text;
}

/** The input as JSON; `undefined` when it has none or is not an object. */
function toJson(input: unknown): string | undefined {
  try {
    const json: string | undefined = JSON.stringify(input);
    return json?.startsWith("{") ? json : undefined;
  } catch {
    // Cycles, BigInt, a throwing toJSON: the guest's mistake.
    return undefined;
  }
}

function label(server: string, tool: string): string {
  return `${cut(server)}__${cut(tool)}`;
}

/** Names reach texts and the log as strings of bounded length, whatever a guest passed. */
function cut(name: unknown): string {
  const text = typeof name === "string" ? name : typeof name;
  return text.length > maxNameCharacters ? `${text.slice(0, maxNameCharacters)}...` : text;
}
