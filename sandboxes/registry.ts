/** Every sandbox backend, one line each. Loading a backend loads its engine, so it happens on first use. */
import { registry, type SandboxFactory } from "../bench/types/index.ts";

export const sandboxRegistry = registry<SandboxFactory>(
  "sandbox",
  {
    quickjs: async () => (await import("./quickjs.ts")).quickjs,
    docker: async () => (await import("./docker.ts")).docker,
    subprocess: async () => (await import("./subprocess.ts")).subprocess,
  },
  ["quickjs"],
);
