/** A hardened Docker container for each session: namespaces, no network, no capabilities, every limit enforced by the kernel. */
import type { SandboxFactory } from "../../../contract/index.ts";
import { runc } from "./container-box.ts";
import { containerSandbox } from "./container-sandbox.ts";

export const docker: SandboxFactory = (host) =>
  containerSandbox(host, {
    id: "docker",
    title: "Docker container (runc): no network, read-only root, no capabilities",
    isolation: "container",
    runtime: runc,
    maxSessions: 32,
    async runtimeVersion(engine) {
      const { Components: components = [] } = await engine.version();
      const version = components.find(({ Name: name }) => name === runc.name)?.Version;
      return `${runc.name} ${version ?? "(version unknown)"}`;
    },
  });
