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
  flood: () => {
    const block = "x".repeat(1 << 16);
    const write = (): void => {
      while (process.stdout.write(block));
      process.stdout.once("drain", write);
    };
    write();
  },
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
};

const tool = { name: "act", description: "Acts.", inputSchema: { type: "object" } };

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
  "refuses-list": (id) =>
    process.stdout.write(
      `${JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32603, message: `bad ${process.env.SERVICE_TOKEN}` } })}\n`,
    ),
};

atStart[fault]?.();

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line) as { id?: Id; method: string };
  if (id === undefined || fault === "hangs-at-initialize" || fault === "only-a-banner") return;
  if (method === "initialize") {
    answer(id, { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: fault, version: "0" } });
  } else if (method === "tools/list") (atList[fault] ?? ((request) => answer(request, { tools: [tool] })))(id);
  else if (method === "tools/call") (atCall[fault] ?? ((request) => answer(request, { content: [] })))(id);
  else if (fault === "dies-at-unknown-method") process.exit(7);
  else if (fault !== "silent-at-unknown-method") {
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } })}\n`);
  }
});
if (fault === "hangs-at-initialize") stayAlive();
