/** QEMU's monitor protocol (QMP), as far as snapshots need it: one request at a time, events passed over. */
import type { Machine } from "./machine.ts";

/** The part of any answer that is read here. */
type Answer = { readonly status?: string };

export type Monitor = (command: string, values?: object) => Promise<Answer>;

/** Requests reject with an Error when QEMU refuses them, and never settle once it is gone. */
export async function machineMonitor({ child }: Machine): Promise<Monitor> {
  let pending = "";
  let waiting: PromiseWithResolvers<Answer> | undefined;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as { return?: Answer; error?: { desc: string } };
      if (message.return !== undefined) waiting?.resolve(message.return);
      if (message.error !== undefined) waiting?.reject(new Error(message.error.desc));
    }
  });
  const ask: Monitor = (execute, values) => {
    waiting = Promise.withResolvers<Answer>();
    child.stdin?.write(`${JSON.stringify({ execute, arguments: values })}\n`);
    return waiting.promise;
  };
  await ask("qmp_capabilities");
  // Memory in a file that is shared is not written into the state, and not looked for in it.
  await ask("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
  return ask;
}
