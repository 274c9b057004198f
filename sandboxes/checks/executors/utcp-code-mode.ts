/** @utcp/code-mode runs programs in isolated-vm. It is listed and not run: what it needs cannot stand beside what is here. */
import { BenchError, type ExecutorFactory } from "../../../contract/index.ts";

const reason = "@utcp/code-mode 1.2 wants isolated-vm 6 as its peer, and this project has isolated-vm 7";
const fix = "Wait for a release of @utcp/code-mode that takes isolated-vm 7, or try it in a project of its own";

export const utcpCodeMode: ExecutorFactory = () => ({
  id: "utcp-code-mode",
  title: "@utcp/code-mode, in isolated-vm",
  version: "@utcp/code-mode (not installed)",
  available: async () => ({ status: "unavailable", reason, fix }),
  execute: async () => {
    throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: "utcp-code-mode", reason, fix: `${fix}.` });
  },
  dispose: async () => undefined,
});
