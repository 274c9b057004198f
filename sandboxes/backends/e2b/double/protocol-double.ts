/**
 * Test code: a server on this machine that speaks E2B's protocol to E2B's own SDK. It proves that the adapter speaks the
 * protocol, and nothing about E2B: not its speed, not its isolation. No report shows its times.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { signalWords } from "../machine-box.ts";
import { bodyOf, enveloped, eventStream, sendJson } from "./connect.ts";
import { type LocalMachine, type LocalUser, localMachine } from "./local-machine.ts";

interface DoubleOptions {
  /** Milliseconds before a machine is there. */
  readonly startMs?: number;
  /** What a machine's login shell also runs. */
  readonly profile?: string;
}

/** What a request for a machine said, and the machine. */
interface Entry {
  readonly request: CreateRequest;
  readonly accessToken: string;
  readonly machine: LocalMachine;
  /** Open answers, which a machine's end cuts off. */
  readonly streams: Set<ServerResponse>;
}

interface CreateRequest {
  readonly templateID: string;
  readonly timeout: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly allow_internet_access: boolean;
  readonly network: object;
}

export interface ProtocolDouble {
  /** What points the SDK here. */
  readonly env: { readonly E2B_API_KEY: string; readonly E2B_API_URL: string; readonly E2B_SANDBOX_URL: string };
  /** The machines that are alive, by id. */
  readonly machines: ReadonlyMap<string, Entry>;
  /** From now on takes every request and answers none. */
  hang(): void;
  /** Ends the server and every machine. Idempotent. */
  close(): Promise<void>;
}

/** Of a list's page: small, so that there is more than one. */
const pageLength = 2;

export async function protocolDouble({ startMs = 0, profile = "" }: DoubleOptions = {}): Promise<ProtocolDouble> {
  const apiKey = `e2b_${randomUUID().replaceAll("-", "")}00000000`;
  const machines = new Map<string, Entry>();
  let hanging = false;

  const remove = async (id: string): Promise<boolean> => {
    const entry = machines.get(id);
    // A machine that is switched off says nothing any more.
    for (const stream of entry?.streams ?? []) stream.destroy();
    // Kept until it is gone, so that closing the double waits for it too.
    await entry?.machine.destroy();
    return machines.delete(id);
  };

  async function api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.headers["x-api-key"] !== apiKey)
      return sendJson(response, 401, { code: 401, message: `no key ${request.headers["x-api-key"]}` });
    const [, id = ""] = /^\/sandboxes\/(\w+)/.exec(url.pathname) ?? [];
    const route = `${request.method} ${id === "" ? url.pathname : url.pathname.replace(id, "{id}")}`;
    if (route === "POST /v2/sandboxes") {
      const entry: Entry = {
        request: JSON.parse((await bodyOf(request)).toString()) as CreateRequest,
        accessToken: randomUUID(),
        machine: localMachine(profile),
        streams: new Set(),
      };
      const sandboxID = `i${randomUUID().replaceAll("-", "").slice(0, 20)}`;
      machines.set(sandboxID, entry);
      await delay(startMs);
      const { templateID } = entry.request;
      sendJson(response, 201, { sandboxID, templateID, envdVersion: "0.6.4", envdAccessToken: entry.accessToken });
    } else if (route === "GET /v2/sandboxes") {
      const wanted = [...new URLSearchParams(url.searchParams.get("metadata") ?? "")];
      const found = [...machines].filter(([, { request: made }]) =>
        wanted.every(([name, value]) => made.metadata[decodeURIComponent(name)] === decodeURIComponent(value)),
      );
      const start = Number(url.searchParams.get("nextToken") ?? 0);
      const page = found.slice(start, start + pageLength).map(([sandboxID, { request: made }]) => {
        const time = new Date(0).toISOString();
        return { sandboxID, templateID: made.templateID, metadata: made.metadata, startedAt: time, endAt: time };
      });
      const more = start + pageLength < found.length;
      sendJson(response, 200, page, more ? { "x-next-token": String(start + pageLength) } : {});
    } else if (route === "DELETE /sandboxes/{id}") {
      if (await remove(id)) response.writeHead(204).end();
      else sendJson(response, 404, { code: 404, message: "no such sandbox" });
    } else if (route === "POST /sandboxes/{id}/timeout" && machines.has(id)) response.writeHead(204).end();
    else sendJson(response, 404, { code: 404, message: `no ${route}` });
  }

  /** What E2B's own process inside a machine answers. */
  async function inside(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const entry = machines.get(String(request.headers["e2b-sandbox-id"]));
    if (entry === undefined) return sendJson(response, 502, { code: 502, message: "The sandbox was not found" });
    if (request.headers["x-access-token"] !== entry.accessToken)
      return sendJson(response, 401, { code: "unauthenticated", message: "wrong access token" });
    const body = await bodyOf(request);
    if (url.pathname === "/health") response.writeHead(204).end();
    else if (url.pathname === "/files") {
      const form = await new Response(body, { headers: { "content-type": String(request.headers["content-type"]) } }).formData();
      // One file at a path, or files that are named by theirs.
      const path = url.searchParams.get("path");
      const files = (form.getAll("file") as File[]).map((file) => ({ path: path ?? file.name, file }));
      const user = userNamed(url.searchParams.get("username") ?? "");
      for (const { path, file } of files) entry.machine.writeFile(path, await file.bytes(), user);
      sendJson(
        response,
        200,
        files.map(({ path }) => ({ name: path, path, type: "file" })),
      );
    } else if (url.pathname === "/process.Process/Start") {
      entry.streams.add(response.on("close", () => entry.streams.delete(response)));
      // Basic authentication, without a password.
      const [, encoded = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
      const [name = ""] = Buffer.from(encoded, "base64").toString().split(":");
      await startProcess(entry.machine, enveloped(body), userNamed(name), response);
    } else if (url.pathname === "/process.Process/SendInput") {
      const { process: selected, input } = JSON.parse(body.toString()) as { process: { pid: number }; input: { stdin: string } };
      const child = entry.machine.process(selected.pid);
      if (child === undefined || !child.stdin.writable)
        return sendJson(response, 404, { code: "not_found", message: `process ${selected.pid} not found` });
      child.stdin.write(Buffer.from(input.stdin, "base64"), (error) => {
        if (error == null) sendJson(response, 200, {});
        else sendJson(response, 500, { code: "internal", message: error.message });
      });
    } else sendJson(response, 404, { code: "unimplemented", message: url.pathname });
  }

  const server = createServer((request, response) => {
    if (hanging) return;
    const url = new URL(request.url ?? "/", "http://double");
    const answer = "e2b-sandbox-id" in request.headers ? inside : api;
    answer(request, response, url).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    env: { E2B_API_KEY: apiKey, E2B_API_URL: url, E2B_SANDBOX_URL: url },
    machines,
    hang() {
      hanging = true;
    },
    async close() {
      await Promise.all([...machines.keys()].map(remove));
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Throws for a user whom machines here do not have. */
function userNamed(name: string): LocalUser {
  if (name === "" || name === "user") return "user";
  if (name === "root") return name;
  throw new Error(`no user ${name}`);
}

/** Runs a command and reports on it until its output is closed, whether or not somebody listens. */
async function startProcess(machine: LocalMachine, request: unknown, user: LocalUser, response: ServerResponse): Promise<void> {
  const { process: command, stdin } = request as { process: { cmd: string; args: string[] }; stdin?: boolean };
  const child = machine.start(command.cmd, command.args, user);
  if (stdin !== true) child.stdin.end();
  const stream = eventStream(response);
  await stream.send({ start: { pid: child.pid } });
  const pass = async (name: "stdout" | "stderr", output: Readable) => {
    for await (const chunk of output) await stream.send({ data: { [name]: (chunk as Buffer).toString("base64") } });
  };
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  await Promise.all([pass("stdout", child.stdout), pass("stderr", child.stderr)]);
  const [code, ownSignal] = await closed;
  const signal = user === "root" && code === killedInside ? "SIGKILL" : ownSignal;
  const error = signal === null ? (code === 0 ? {} : { error: `exit status ${code}` }) : { error: signalText(signal) };
  await stream.send({ end: { exitCode: signal === null ? code : -1, exited: signal === null, status: "", ...error } });
  stream.end();
}

/** How bubblewrap reports SIGKILL. */
const killedInside = 128 + constants.signals.SIGKILL;

/** As Go words it, in which E2B's process inside a machine is written. */
const signalText = (signal: string) => `signal: ${signalWords.find(([name]) => name === signal)?.[1] ?? signal}`;
