/** Reads the `mcpServers` file that MCP clients use, and connects to everything in it. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SSEClientTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { BenchError, isBenchError, type WorldServer } from "../../contract/index.ts";
import { printable, redactor, secretArguments } from "../../mock-mcp-servers/stdio/redact.ts";
import { stdioServer } from "../../mock-mcp-servers/stdio/stdio-server.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { callSlots } from "./bridge/call-slots.ts";
import { type Connection, connect } from "./connection.ts";

/** One enabled server of a catalogue, its variables filled in. */
export type CatalogueEntry =
  | {
      readonly type: "stdio";
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd?: string;
    }
  | {
      readonly type: "http" | "sse";
      readonly name: string;
      readonly url: string;
      /** Values are secrets: they never reach a message. */
      readonly headers: Readonly<Record<string, string>>;
    };

/** What `${VAR}`, `${env:VAR}` and `${VAR:-default}` in a catalogue stand for. */
export type CatalogueEnv = Readonly<Record<string, string | undefined>>;

export interface OpenCatalogueOptions {
  /** Milliseconds for each server: start, handshake and tool list. */
  readonly timeoutMs: number;
  /** Servers that start at once; default 4. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

// Names become part of tool names (letters that every model API takes) and of file names; `__` parts server from tool.
const serverName = /^(?!.*__)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Bytes of one answer or event of a remote server; as for a line of a local one. */
const maxMessageBytes = 64 * 1024 * 1024;
/** How long a remote server may take to end a session. */
const goodbyeMs = 500;

const texts = z.record(z.string(), z.string());
const common = { disabled: z.boolean().optional(), enabled: z.boolean().optional() };
const stdioEntry = z.object({
  ...common,
  type: z.literal("stdio").optional(),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cwd: z.string().min(1).optional(),
});
const remoteEntry = z.object({
  ...common,
  type: z.enum(["http", "streamable-http", "streamableHttp", "sse"]).optional(),
  url: z.string().min(1),
  headers: texts.default({}),
});

/**
 * The enabled servers of a catalogue file, in file order.
 *
 * Throws `BenchError` CATALOGUE when the file is missing, is not JSON, names no server, or holds an entry that cannot be
 * used; the message gives the JSON path and the fix.
 */
export async function readCatalogue(file: string, env: CatalogueEnv = {}): Promise<CatalogueEntry[]> {
  const fail = (problem: string, fix: string, cause?: unknown): never => {
    throw new BenchError("CATALOGUE", { file, problem, fix }, cause === undefined ? undefined : { cause });
  };
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) =>
    cause.code === "ENOENT"
      ? fail("the file does not exist", "Give the path of a JSON file with mcpServers, as MCP clients use it.", cause)
      : fail(`the file cannot be read (${cause.code ?? cause.message})`, "Correct the path or its permissions.", cause),
  );
  const servers = serversOf(parseJson(text, fail), fail);
  const entries: CatalogueEntry[] = [];
  for (const [key, name, raw] of servers) {
    const path = `${key}.${name}`;
    if (!serverName.test(name)) {
      fail(
        `${path}: the name cannot be used`,
        "Use letters, digits, - and single _, at most 64, starting with a letter or digit.",
      );
    }
    if (!isRecord(raw)) return fail(`${path} is not an object`, 'Write {"command": "..."} or {"url": "..."}.');
    if (raw.disabled === true || raw.enabled === false) continue;
    const hasCommand = "command" in raw;
    if (hasCommand === "url" in raw) {
      fail(`${path} has ${hasCommand ? "both command and url" : "neither command nor url"}`, "Give it exactly one of the two.");
    }
    const schema = hasCommand ? stdioEntry : remoteEntry;
    const parsed = schema.safeParse(expand(raw, env, path, fail));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const at = [path, ...(issue?.path ?? []).map(String)].join(".");
      return fail(`${at}: ${issue?.message ?? "wrong shape"}`, "Correct it; the documentation of MCP clients shows the form.");
    }
    entries.push(entryOf(name, path, parsed.data, fail));
  }
  if (entries.length === 0) fail("it holds no enabled server", 'Add one: {"mcpServers": {"files": {"command": "..."}}}.');
  return entries;
}

type Fail = (problem: string, fix: string, cause?: unknown) => never;

function parseJson(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    // The parser's message quotes the text around the fault, which may be a secret. Only its position is passed on.
    const position = /position (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split("\n").length;
    return fail(
      `it is not JSON${line === undefined ? "" : ` (line ${line})`}`,
      "Mend it; comments and trailing commas are not allowed.",
    );
  }
}

/** `mcpServers` is what most clients write; VS Code writes `servers`. */
function serversOf(json: unknown, fail: Fail): readonly (readonly [key: string, name: string, raw: unknown])[] {
  const key = isRecord(json) ? ["mcpServers", "servers"].find((candidate) => candidate in json) : undefined;
  const servers = isRecord(json) && key !== undefined ? json[key] : undefined;
  if (key === undefined || !isRecord(servers)) {
    return fail('it has no object "mcpServers"', 'The form is {"mcpServers": {"files": {"command": "..."}}}.');
  }
  return Object.entries(servers).map(([name, raw]) => [key, name, raw] as const);
}

function entryOf(
  name: string,
  path: string,
  data: z.infer<typeof stdioEntry> | z.infer<typeof remoteEntry>,
  fail: Fail,
): CatalogueEntry {
  if ("command" in data) {
    const { command, args, cwd } = data;
    const env = Object.fromEntries(Object.entries(data.env).map(([key, value]) => [key, String(value)]));
    return { type: "stdio", name, command, args, env, ...(cwd === undefined ? {} : { cwd }) };
  }
  const protocol = URL.canParse(data.url) ? new URL(data.url).protocol : undefined;
  if (protocol !== "http:" && protocol !== "https:") fail(`${path}.url is not an http or https address`, "Correct it.");
  try {
    new Headers(data.headers);
  } catch {
    // The platform's message quotes the value.
    fail(`${path}.headers holds a name or value that HTTP does not allow`, "Take out line ends and other control characters.");
  }
  return { type: data.type === "sse" ? "sse" : "http", name, url: data.url, headers: data.headers };
}

/** Fills variables in every string of an entry. A variable that is not set and has no default is an error: with an empty token the server would fail later and less clearly. */
function expand(value: unknown, env: CatalogueEnv, path: string, fail: Fail): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, byDefault?: string) => {
      const set = Object.hasOwn(env, name) ? env[name] : undefined;
      return (
        set ??
        byDefault ??
        fail(`${path} uses the variable ${name}, which is not set`, `Set ${name}, or write \${${name}:-default}.`)
      );
    });
  }
  if (Array.isArray(value)) return value.map((inner, i) => expand(inner, env, `${path}.${i}`, fail));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner, env, `${path}.${key}`, fail)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Connects to every entry, a few at a time; connections in entry order. The caller closes them.
 *
 * Throws `BenchError` SERVER_START for the first server that fails, and ABORTED when the signal ended it; everything
 * that was opened is closed by then.
 */
export async function openCatalogue(
  entries: readonly CatalogueEntry[],
  { timeoutMs, concurrency = 4, signal }: OpenCatalogueOptions,
): Promise<Connection[]> {
  // The first failure ends the others at once, so that a slow server does not delay the error.
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const slots = callSlots(concurrency);
  const failures: unknown[] = [];
  const settled = await Promise.all(
    entries.map(async (entry) => {
      if (!slots.take() && !(await slots.wait(stop.signal))) return undefined;
      try {
        return await connect(catalogueServer(entry), { timeoutMs, timeoutFlag: "--catalogue-timeout", signal: stop.signal });
      } catch (error) {
        failures.push(withoutSecrets(entry, error));
        stop.abort();
        return undefined;
      } finally {
        slots.release();
      }
    }),
  );
  signal?.removeEventListener("abort", onAbort);
  const connections = settled.filter((connection) => connection !== undefined);
  if (connections.length === entries.length) return connections;
  await Promise.all(connections.map((connection) => connection.close()));
  throw failures[0] ?? new BenchError("ABORTED");
}

function catalogueServer(entry: CatalogueEntry): WorldServer {
  if (entry.type === "stdio") return stdioServer(entry);
  const { name, url, headers, type } = entry;
  const requestInit = { headers: { ...headers } };
  const fetch = boundedFetch(maxMessageBytes);
  let close = async (): Promise<void> => undefined;
  return {
    name,
    transport: type,
    async connect() {
      await close();
      if (type === "sse") {
        const transport = new SSEClientTransport(new URL(url), { requestInit, fetch });
        close = () => transport.close();
        return transport;
      }
      const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch });
      close = async () => {
        // Tells the server to forget the session. Many do not offer it, and a dead one does not answer.
        if (transport.sessionId !== undefined)
          await Promise.race([transport.terminateSession().catch(() => undefined), sleep(goodbyeMs, undefined, { ref: false })]);
        await transport.close();
      };
      return transport;
    },
    snapshot: async () => null,
    redact: redactor(secretsOf(entry)),
    stderr: () => "",
    close: () => close(),
  };
}

/** The same failure without the entry's secrets, which the server or the network may have quoted. The cause is dropped, too. */
function withoutSecrets(entry: CatalogueEntry, error: unknown): unknown {
  if (!isBenchError(error, "SERVER_START")) return error;
  const { problem, ...details } = error.details;
  return new BenchError("SERVER_START", { ...details, problem: redactor(secretsOf(entry))(printable(problem)) });
}

function secretsOf(entry: CatalogueEntry): string[] {
  return entry.type === "stdio"
    ? [...Object.values(entry.env), ...secretArguments(entry.args)]
    : [entry.url, ...Object.values(entry.headers).flatMap((value) => [value, value.replace(/^(?:Bearer|Basic)\s+/i, "")])];
}
