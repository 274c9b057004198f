/** Every sandbox backend, one line each. Loading a backend loads its engine, so it happens on first use. */
import { registry, type SandboxFactory } from "../bench/types/index.ts";

export const sandboxRegistry = registry<SandboxFactory>(
  "sandbox",
  {
    quickjs: async () => (await import("./quickjs.ts")).quickjs,
    "quickjs-inprocess": async () => (await import("./quickjs-inprocess.ts")).quickjsInprocess,
    "isolated-vm": async () => (await import("./isolated-vm.ts")).isolatedVm,
    "node-vm": async () => (await import("./node-vm.ts")).nodeVm,
    vm2: async () => (await import("./vm2.ts")).vm2,
    "worker-threads": async () => (await import("./worker-threads.ts")).workerThreads,
    null: async () => (await import("./null.ts")).nullSandbox,
    pyodide: async () => (await import("./pyodide.ts")).pyodide,
    workerd: async () => (await import("./workerd.ts")).workerd,
    "workerd-process": async () => (await import("./workerd.ts")).workerdProcess,
    bubblewrap: async () => (await import("./bubblewrap.ts")).bubblewrap,
    "node-permission": async () => (await import("./node-permission.ts")).nodePermission,
    deno: async () => (await import("./deno.ts")).deno,
    srt: async () => (await import("./srt.ts")).srt,
    gvisor: async () => (await import("./gvisor.ts")).gvisor,
    docker: async () => (await import("./docker.ts")).docker,
    e2b: async () => (await import("./e2b.ts")).e2b,
    qemu: async () => (await import("./qemu.ts")).qemu,
    "qemu-cold": async () => (await import("./qemu.ts")).qemuCold,
    firecracker: async () => (await import("./needs-kvm.ts")).firecracker,
    microsandbox: async () => (await import("./needs-kvm.ts")).microsandbox,
    subprocess: async () => (await import("./subprocess.ts")).subprocess,
  },
  ["quickjs"],
);
