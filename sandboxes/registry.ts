/** Every sandbox backend, one line each. Loading a backend loads its engine, so it happens on first use. */
import { registry, type SandboxFactory } from "../contract/index.ts";
import { sandboxesNotHere } from "./not-here.ts";

export const sandboxRegistry = registry<SandboxFactory>(
  "sandbox",
  {
    quickjs: async () => (await import("./backends/quickjs/sandbox.ts")).quickjs,
    "quickjs-inprocess": async () => (await import("./backends/quickjs-inprocess/sandbox.ts")).quickjsInprocess,
    "isolated-vm": async () => (await import("./backends/isolated-vm/sandbox.ts")).isolatedVm,
    "node-vm": async () => (await import("./backends/node-vm/sandbox.ts")).nodeVm,
    vm2: async () => (await import("./backends/vm2/sandbox.ts")).vm2,
    "worker-threads": async () => (await import("./backends/worker-threads/sandbox.ts")).workerThreads,
    null: async () => (await import("./backends/null/sandbox.ts")).nullSandbox,
    pyodide: async () => (await import("./backends/pyodide/sandbox.ts")).pyodide,
    workerd: async () => (await import("./backends/workerd/sandbox.ts")).workerd,
    "workerd-process": async () => (await import("./backends/workerd/sandbox.ts")).workerdProcess,
    bubblewrap: async () => (await import("./backends/bubblewrap/sandbox.ts")).bubblewrap,
    "node-permission": async () => (await import("./backends/node-permission/sandbox.ts")).nodePermission,
    deno: async () => (await import("./backends/deno/sandbox.ts")).deno,
    srt: async () => (await import("./backends/srt/sandbox.ts")).srt,
    gvisor: async () => (await import("./backends/gvisor/sandbox.ts")).gvisor,
    docker: async () => (await import("./backends/docker/sandbox.ts")).docker,
    e2b: async () => (await import("./backends/e2b/sandbox.ts")).e2b,
    qemu: async () => (await import("./backends/qemu/sandbox.ts")).qemu,
    "qemu-cold": async () => (await import("./backends/qemu/sandbox.ts")).qemuCold,
    subprocess: async () => (await import("./backends/subprocess/sandbox.ts")).subprocess,
  },
  ["quickjs"],
  sandboxesNotHere,
);
