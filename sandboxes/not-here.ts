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
};
