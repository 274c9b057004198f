/** Every executor, one line each. Loading one loads nothing of its package. */
import { type ExecutorFactory, registry } from "../../../contract/index.ts";

export const executorRegistry = registry<ExecutorFactory>("executor", {
  "cloudflare-codemode": async () => (await import("./cloudflare-codemode.ts")).cloudflareCodemode,
  "just-bash": async () => (await import("./just-bash.ts")).justBash,
});
