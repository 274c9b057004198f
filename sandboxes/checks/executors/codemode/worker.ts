/**
 * The worker that @cloudflare/codemode's executor runs in, as its authors mean it to: it loads a worker for each program
 * through the loader it is bound to. Programs come in the request's body, line by line, and what is to be told goes to the
 * console.
 */
import { DynamicWorkerExecutor } from "codemode.js";
import type { FromCodemode, ToCodemode } from "../cloudflare-codemode.ts";

const print = console.log.bind(console);

async function attend(request: Request, loader: unknown): Promise<void> {
  const name = new URL(request.url).pathname.slice(1);
  const post = (message: FromCodemode) => print(`${name} ${JSON.stringify(message)}`);
  const replies = new Map<number, (reply: Extract<ToCodemode, { type: "reply" }>) => void>();
  let nextCall = 1;

  const call = async (tool: string, input: unknown): Promise<unknown> => {
    const id = nextCall++;
    const { promise, resolve } = Promise.withResolvers<Extract<ToCodemode, { type: "reply" }>>();
    replies.set(id, resolve);
    post({ type: "call", id, tool, input });
    const { ok, value } = await promise;
    if (!ok) throw new Error(String(value));
    return value;
  };
  const execute = async ({ program, tools, timeoutMs }: Extract<ToCodemode, { type: "execute" }>): Promise<void> => {
    const executor = new DynamicWorkerExecutor({ loader, timeout: timeoutMs });
    const fns = Object.fromEntries(tools.map((tool) => [tool, (input: unknown) => call(tool, input)]));
    const { result, error, logs = [] } = await executor.execute(`async () => { ${program}\n}`, [{ name: "tools", fns }]);
    post({ type: "done", result: result ?? null, error: error ?? null, logs });
  };

  post({ type: "ready" });
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let begun = "";
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return;
    const lines = (begun + decoder.decode(chunk.value as Uint8Array, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as ToCodemode;
      if (message.type === "reply") replies.get(message.id)?.(message);
      else void execute(message).catch((e: Error) => post({ type: "done", result: null, error: e.message, logs: [] }));
    }
  }
}

export default {
  async fetch(request: Request, { LOADER }: { readonly LOADER: unknown }): Promise<Response> {
    await attend(request, LOADER);
    return new Response();
  },
};
