/** Sandboxes that people look for and that have no backend here, and why: listed, and refused by name with what to use instead. */
import type { NotHere } from "../contract/index.ts";

const microVm = (title: string, source: string): NotHere => ({
  title,
  reason: `mcp-code-bench has no backend for it; it needs hardware virtualisation (/dev/kvm), and comes from ${source}`,
  fix: "Use qemu, a full virtual machine that uses KVM where it works, or write a backend (docs/writing-a-backend.md; in the package: node_modules/mcp-code-bench/docs).",
});

export const sandboxesNotHere: { readonly [id: string]: NotHere } = {
  firecracker: microVm("Firecracker microVM", "https://github.com/firecracker-microvm/firecracker/releases"),
  microsandbox: microVm("microsandbox microVM", "https://github.com/superradcompany/microsandbox"),
  "utcp-code-mode": {
    title: "@utcp/code-mode, in isolated-vm",
    reason: "@utcp/code-mode 1.2 wants isolated-vm 6 as its peer, and this project has isolated-vm 7",
    fix: "Wait for a release of @utcp/code-mode that takes isolated-vm 7, or try it in a project of its own.",
  },
};
