/**
 * A server that misbehaves in one way, named by its first argument. Written by hand over stdin and stdout, since no SDK
 * would let it. Run by tests as `node hostile-server.ts <fault>`.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [fault = "", extra = ""] = process.argv.slice(2);

type Id = string | number;
function answer(id: Id, result: unknown): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}

const stayAlive = () => setInterval(() => undefined, 1_000);

/** What happens before the first request. */
const atStart: Record<string, () => void> = {
  "crash-at-start": () => {
    process.stderr.write(`\u001b[31mCannot reach the database\u001b[0m\ntoken was ${process.env.SERVICE_TOKEN ?? "absent"}\n`);
    process.exit(3);
  },
  banner: () => {
    process.stdout.write("Server ready on stdio\n");
    stayAlive();
  },
  "only-a-banner": () => {
    process.stdout.write("Listening on port 3000\n");
    stayAlive();
  },
  rubbish: () => {
    for (let i = 0; i < 100; i += 1) process.stdout.write(`log line ${i} \u001b[1mhello\u001b[0m\n`);
    stayAlive();
  },
  flood: () => pour("x".repeat(1 << 16)),
  stubborn: () => {
    process.on("SIGTERM", () => undefined);
    stayAlive();
  },
  grandchild: () => {
    // It holds the pipes and ignores SIGTERM, as a badly written wrapper's child would.
    const child = spawn(
      process.execPath,
      ["-e", "process.on('SIGTERM', () => {}); console.error('grandchild ' + process.pid); setInterval(() => {}, 1000)"],
      {
        stdio: "inherit",
      },
    );
    child.unref();
  },
  "detached-grandchild": () => {
    // In a group of its own and without the pipes, as a daemon of a wrapper would be; and it ignores SIGTERM.
    const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      ...{ detached: true, stdio: "ignore" },
    });
    child.once("spawn", () => process.stderr.write(`grandchild ${child.pid}\n`));
    child.unref();
  },
};

const tool = { name: "act", description: "Acts.", inputSchema: { type: "object" } };

const refuse = (id: Id, message: string) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32603, message } })}\n`);

/** Writes for as long as it is read, until the pipe breaks. */
function pour(block: string): void {
  const write = (): void => {
    while (process.stdout.write(block));
    process.stdout.once("drain", write);
  };
  write();
}

/** What a `tools/call` gets; each may also end the process. */
const atCall: Record<string, (id: Id) => void> = {
  "dies-in-call": () => process.exit(9),
  "hangs-in-call": () => undefined,
  "answers-twice": (id) => {
    answer(id, { content: [{ type: "text", text: "first" }] });
    answer(id, { content: [{ type: "text", text: "second" }] });
  },
  "is-error": (id) => answer(id, { isError: true, content: [{ type: "text", text: "No such row" }] }),
  "rubbish-result": (id) => answer(id, { content: "not a list" }),
  huge: (id) => answer(id, { content: [{ type: "text", text: "x".repeat(Number(extra)) }] }),
  "says-text": (id) => answer(id, { content: [{ type: "text", text: extra }] }),
  "errs-text": (id) => answer(id, { isError: true, content: [{ type: "text", text: `${extra} ${process.env.SERVICE_TOKEN}` }] }),
  "refuses-text": (id) => refuse(id, `${extra} ${process.env.SERVICE_TOKEN}`),
  "refuses-at-length": (id) => refuse(id, "x".repeat(Number(extra))),
  "dies-between-calls": (id) => {
    // Whenever the next call comes, nobody answers it.
    atCall["dies-between-calls"] = () => undefined;
    answer(id, { content: [{ type: "text", text: "first" }] });
    setTimeout(() => process.exit(5), 50);
  },
  "floods-in-call": () => pour("x".repeat(1 << 16)),
  "chatters-in-call": () =>
    pour(
      `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "x".repeat(1000) } })}\n`,
    ),
  "rubbish-in-call": () => pour("no message\n".repeat(1_000)),
  "answers-ahead": (id) => {
    // Also what was not asked yet, and what was never asked.
    for (const ahead of [Number(id) + 1, "other", -1]) answer(ahead, { content: [{ type: "text", text: "ahead" }] });
    answer(id, { content: [{ type: "text", text: "first" }] });
  },
  "asks-back": (id) => {
    for (const method of ["sampling/createMessage", "roots/list", "elicitation/create", "no/such"]) {
      process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: method, method, params: {} })}\n`);
    }
    answer(id, { content: [{ type: "text", text: "first" }] });
  },
  "proto-keys": (id) =>
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[],"__proto__":{"polluted":2},"structuredContent":{"__proto__":{"polluted":3},"constructor":{"prototype":{"polluted":4}}}}}\n`,
    ),
  "deep-result": (id) =>
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[],"structuredContent":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}}\n`,
    ),
  "slow-pattern": (id) => answer(id, { content: [], structuredContent: { s: `${"a".repeat(40)}!` } }),
  "exits-after-answer": (id) => {
    answer(id, { content: [{ type: "text", text: "last words" }] });
    process.exit(0);
  },
};

let pages = 0;
/** What a `tools/list` gets. */
const atList: Record<string, (id: Id) => void> = {
  "hangs-at-list": () => undefined,
  "dies-at-list": () => process.exit(4),
  "endless-list": (id) => {
    pages += 1;
    answer(id, { tools: [{ ...tool, name: `act${pages}` }], nextCursor: String(pages) });
  },
  "circular-list": (id) => answer(id, { tools: pages++ === 0 ? [tool] : [], nextCursor: "again" }),
  "nameless-tool": (id) => answer(id, { tools: [{ ...tool, name: "" }] }),
  "odd-names": (id) =>
    answer(id, { tools: ["fine", "dots.in.it", "\u001b[31m", "x".repeat(200)].map((name) => ({ ...tool, name })) }),
  "refuses-list": (id) => refuse(id, `bad ${process.env.SERVICE_TOKEN}`),
  "heavy-pages": (id) => {
    pages += 1;
    answer(id, { tools: [{ ...tool, name: `act${pages}`, description: "x".repeat(1_000_000) }], nextCursor: String(pages) });
  },
  "deep-schema": (id) =>
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"tools":[{"name":"act","inputSchema":{"type":"object","x":${"[".repeat(200_000)}${"]".repeat(200_000)}}}]}}\n`,
    ),
  "wrong-schemas": (id) =>
    answer(id, {
      tools: [{ ...tool, inputSchema: { type: 5, properties: "no", $ref: "#/nowhere" }, outputSchema: { type: 7 } }],
    }),
  "slow-pattern": (id) =>
    answer(id, {
      tools: [{ ...tool, outputSchema: { type: "object", properties: { s: { type: "string", pattern: "^(a+)+$" } } } }],
    }),
};

atStart[fault]?.();

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line) as { id?: Id; method: string };
  if (id === undefined || fault === "hangs-at-initialize" || fault === "only-a-banner") return;
  if (method === "initialize") {
    const serverInfo = { name: fault, version: "0" };
    const words = fault === "says-of-itself" ? { instructions: extra } : {};
    answer(id, { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo, ...words });
  } else if (method === "tools/list") (atList[fault] ?? ((request) => answer(request, { tools: [tool] })))(id);
  else if (method === "tools/call") (atCall[fault] ?? ((request) => answer(request, { content: [] })))(id);
  else if (fault === "dies-at-unknown-method") process.exit(7);
  else if (fault !== "silent-at-unknown-method") {
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } })}\n`);
  }
});
if (fault === "hangs-at-initialize") stayAlive();
