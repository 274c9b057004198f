/** The process that just-bash runs in: it is a library, and what it starts ends with this process. */
import process from "node:process";
import { Bash } from "just-bash";
import type { FromBash, ToBash } from "./just-bash.ts";

const replies = new Map<number, (reply: Extract<ToBash, { type: "reply" }>) => void>();
let nextCall = 1;
const send = (message: FromBash) => void process.send?.(message);

async function execute({ program, timeoutMs }: Extract<ToBash, { type: "execute" }>): Promise<void> {
  const bash = new Bash({
    executionLimits: { maxJsTimeoutMs: timeoutMs },
    javascript: {
      async invokeTool(tool, argsJson) {
        const id = nextCall++;
        const { promise, resolve } = Promise.withResolvers<Extract<ToBash, { type: "reply" }>>();
        replies.set(id, resolve);
        send({ type: "call", id, tool, argsJson });
        const { ok, text } = await promise;
        if (!ok) throw new Error(text);
        return text;
      },
    },
  });
  // It has no results, only output and files.
  await bash.writeFile(
    "/program.mjs",
    `import fs from "fs"; const run = async () => { ${program}\n};
let end; try { end = { result: await run() }; } catch (e) { end = { error: String(e?.message ?? e) }; }
fs.writeFileSync("/end.json", JSON.stringify(end));`,
  );
  const { stdout, stderr } = await bash.exec("js-exec /program.mjs");
  const endJson = await bash.readFile("/end.json").catch(() => JSON.stringify({ error: stderr.trim() }));
  send({ type: "done", endJson, output: stdout });
}

send({ type: "ready" });
process.on("disconnect", () => process.exit());
process.on("message", (message: ToBash) => {
  if (message.type === "reply") replies.get(message.id)?.(message);
  else
    execute(message).catch((error: Error) =>
      send({ type: "done", endJson: JSON.stringify({ error: error.message }), output: "" }),
    );
});
