/**
 * Connects one server and reads its tool list. The list is taken from the wire as it came: the SDK's parsed result
 * puts `type`, `properties` and `required` first, and key order is counted.
 */
import { Client, SdkError, SdkErrorCode, type Transport } from "@modelcontextprotocol/client";
import {
  BenchError,
  type JsonObject,
  type ModelledSchemas,
  type ToolDefinition,
  type WorldServer,
} from "../../contract/index.ts";
import { outputValidators } from "./bridge/schema-validators.ts";

const maxPages = 1_000;
const maxTools = 10_000;
/** Characters of all definitions as JSON. */
const maxListCharacters = 32 * 1024 * 1024;
/** A server that has not answered an unknown method after this time counts as an older one. */
const maxProbeMs = 5_000;

/** A connected server with its tools. Whoever connected it closes it. */
export interface Connection {
  /** The server's name in this run. */
  readonly name: string;
  readonly transport: WorldServer["transport"];
  /** As the server gave it, else `unknown`. */
  readonly serverVersion: string;
  /** The negotiated protocol revision, e.g. `2025-11-25`. */
  readonly protocol: string;
  readonly tools: readonly ToolDefinition[];
  /** What it says of itself for the model to read; absent: nothing. */
  readonly instructions?: string;
  readonly modelled?: ModelledSchemas;
  readonly client: Client;
  /** The transport's last error, e.g. `exited with code 3`. */
  complaint(): string | undefined;
  /** Takes the server's secrets out of a text. */
  redact(text: string): string;
  /** Closes the server and the client. Read the server's snapshot first. Idempotent; never rejects. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Milliseconds for everything: start, handshake and tool list. */
  readonly timeoutMs: number;
  /** The flag by which a user sets `timeoutMs`, for the message; absent: no flag sets it. */
  readonly timeoutFlag?: string;
  readonly signal?: AbortSignal;
}

/**
 * Connects to `server` and lists all of its tools. On failure the server is closed.
 *
 * Throws `BenchError` SERVER_START when the server cannot be started, breaks the protocol or does not answer in time,
 * and ABORTED when the signal ended it.
 */
export async function connect(server: WorldServer, { timeoutMs, timeoutFlag, signal }: ConnectOptions): Promise<Connection> {
  const deadline = new AbortController();
  const onAbort = () => deadline.abort(new BenchError("ABORTED"));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => deadline.abort(new TimeoutReached()), timeoutMs);
  const attempt: Attempt = { step: "start", reported: undefined, signal: deadline.signal };
  try {
    return await untilAborted(open(server, attempt, timeoutMs), deadline.signal);
  } catch (error) {
    const failure = startFailure(
      server,
      attempt,
      { timeoutMs, timeoutFlag },
      deadline.signal.aborted ? deadline.signal.reason : error,
    );
    await server.close().catch(() => undefined);
    throw failure();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** How far an attempt came, for its error message. */
interface Attempt {
  step: "start" | "initialize" | "tools/list";
  /** The transport's own last error: it knows exit codes and rubbish on stdout, the client only "closed". */
  reported: Error | undefined;
  readonly signal: AbortSignal;
}

class TimeoutReached extends Error {}

async function open(server: WorldServer, attempt: Attempt, timeoutMs: number): Promise<Connection> {
  let client: Client;
  try {
    client = await handshake(server, attempt, timeoutMs, server.knowsDiscover === false ? "legacy" : "auto");
  } catch (error) {
    // Some older servers exit at a request that comes before initialize. They get a fresh process without that request.
    if (!(error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed)) throw error;
    client = await handshake(server, attempt, timeoutMs, "legacy");
  }
  attempt.step = "tools/list";
  const instructions = client.getInstructions() ?? "";
  if (instructions.length > maxListCharacters) throw new Error(`its instructions go past ${maxListCharacters} characters`);
  const tools = client.getServerCapabilities()?.tools === undefined ? [] : await listTools(server.name, client, attempt.signal);
  return {
    name: server.name,
    transport: server.transport,
    serverVersion: client.getServerVersion()?.version ?? "unknown",
    protocol: client.getNegotiatedProtocolVersion() ?? "unknown",
    tools,
    ...(instructions === "" ? {} : { instructions: server.redact?.(instructions) ?? instructions }),
    ...(server.modelled === undefined ? {} : { modelled: server.modelled }),
    client,
    complaint: () => attempt.reported?.message,
    redact: (text) => server.redact?.(text) ?? text,
    async close() {
      // The server first: an HTTP session can only be ended while its transport is open.
      await server.close().catch(() => undefined);
      await client.close().catch(() => undefined);
    },
  };
}

async function handshake(server: WorldServer, attempt: Attempt, timeoutMs: number, mode: "auto" | "legacy"): Promise<Client> {
  attempt.step = "start";
  const transport: Transport = await server.connect();
  transport.onerror = (error) => {
    attempt.reported = error;
  };
  attempt.step = "initialize";
  const client = new Client(
    { name: "mcp-code-bench", version: "0.2.0" },
    {
      jsonSchemaValidator: outputValidators,
      versionNegotiation: { mode, probe: { timeoutMs: Math.min(maxProbeMs, timeoutMs / 2) } },
    },
  );
  await client.connect(transport, { timeout: timeoutMs + 1_000, signal: attempt.signal });
  return client;
}

/** Accepts a result as it is: the SDK would reorder what it parses. */
const asSent = {
  "~standard": { version: 1 as const, vendor: "mcp-code-bench", validate: (value: unknown) => ({ value }) },
};

async function listTools(server: string, client: Client, signal: AbortSignal): Promise<readonly ToolDefinition[]> {
  const tools: ToolDefinition[] = [];
  const names = new Set<string>();
  const cursors = new Set<string>();
  let characters = 0;
  let cursor: string | undefined;
  do {
    const page = await client.request({ method: "tools/list", params: cursor === undefined ? {} : { cursor } }, asSent, {
      signal,
    });
    if (!isObject(page) || !Array.isArray(page.tools)) throw new Error('its tools/list result has no array "tools"');
    for (const raw of page.tools) {
      const tool = definition(server, raw);
      if (names.has(tool.name)) throw new Error(`it lists the tool "${tool.name}" twice`);
      names.add(tool.name);
      tools.push(tool);
      characters += jsonLength(tool);
      if (characters > maxListCharacters) throw new Error(`its tool list goes past ${maxListCharacters} characters`);
    }
    cursor = typeof page.nextCursor === "string" ? page.nextCursor : undefined;
    if (cursor !== undefined) {
      if (cursors.has(cursor)) throw new Error("its tools/list pages go round in a circle");
      cursors.add(cursor);
    }
    if (cursors.size >= maxPages || tools.length > maxTools) {
      throw new Error(`its tool list goes past ${maxPages} pages or ${maxTools} tools`);
    }
  } while (cursor !== undefined);
  return tools;
}

function definition(server: string, raw: unknown): ToolDefinition {
  if (!isObject(raw) || typeof raw.name !== "string" || raw.name === "") throw new Error("it lists a tool without a name");
  const { name, description, inputSchema, outputSchema } = raw;
  if (!isObject(inputSchema)) throw new Error(`its tool "${name}" has no inputSchema object`);
  const base = { server, name, description: typeof description === "string" ? description : "", inputSchema };
  return isObject(outputSchema) ? { ...base, outputSchema } : base;
}

/** By input schema: an in-memory server hands out the same objects in every cell. */
const jsonLengths = new WeakMap<JsonObject, { readonly tool: ToolDefinition; readonly length: number }>();

/** Later code walks definitions as deep as this does. */
function jsonLength(tool: ToolDefinition): number {
  const known = jsonLengths.get(tool.inputSchema);
  if (known !== undefined && isSameTool(known.tool, tool)) return known.length;
  try {
    const { length } = JSON.stringify(tool);
    jsonLengths.set(tool.inputSchema, { tool, length });
    return length;
  } catch (cause) {
    throw new Error(`its tool "${tool.name}" is nested too deeply`, { cause });
  }
}

function isSameTool(a: ToolDefinition, b: ToolDefinition): boolean {
  return a.server === b.server && a.name === b.name && a.description === b.description && a.outputSchema === b.outputSchema;
}

/** Results come parsed from JSON, so an object that is not an array is a `JsonObject`. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Settles with `work`, or rejects once the signal aborts, even where the work does not listen to it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** In two steps: the reason is read before the server is closed, its last stderr lines after. */
function startFailure(
  server: WorldServer,
  attempt: Attempt,
  { timeoutMs, timeoutFlag }: { readonly timeoutMs: number; readonly timeoutFlag: string | undefined },
  error: unknown,
): () => BenchError {
  const { step, reported } = attempt;
  return () => {
    if (error instanceof BenchError) return error;
    const timedOut = error instanceof TimeoutReached;
    const closed = error instanceof SdkError && closedCodes.has(error.code);
    const waiting = step === "start" ? "it did not start" : `it did not answer ${step}`;
    const problem = timedOut
      ? `${waiting} within ${timeoutMs} ms${reported === undefined ? "" : `; it ${reported.message}`}`
      : closed
        ? `during ${step} it ${reported?.message ?? "closed the connection"}`
        : reasons(error);
    const fix = timedOut
      ? `Start it by hand to see what it waits for${timeoutFlag === undefined ? "" : `, or raise ${timeoutFlag}`}.`
      : "Mend the server, or leave it out.";
    return new BenchError("SERVER_START", { server: server.name, problem, fix, stderr: server.stderr() }, { cause: error });
  };
}

/** An error's message and those of its causes: "fetch failed" alone says nothing. */
function reasons(error: unknown): string {
  const said: string[] = [];
  for (let cause = error; cause !== undefined && said.length < 4; cause = cause instanceof Error ? cause.cause : undefined) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (text !== "" && !said.some((earlier) => earlier.includes(text))) said.push(text);
  }
  return said.join(": ");
}

const closedCodes: ReadonlySet<string> = new Set([SdkErrorCode.ConnectionClosed, SdkErrorCode.EraNegotiationFailed]);
