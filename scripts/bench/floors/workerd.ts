/** workerd by hand: the same process, isolate and channel, without sessions, files or the guest API. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { SandboxHost } from "../../../contract/index.ts";
import { installedWorkerd } from "../../../sandboxes/backends/workerd/installed.ts";
import type { RawFloor } from "./raw.ts";

const outer = `export default { fetch: (request, env) => env.LOADER.load({ compatibilityDate: "2026-01-01",
  compatibilityFlags: ["nodejs_compat", "unsafe_module", "experimental"], allowExperimental: true, globalOutbound: null,
  env: {}, mainModule: "main.js", modules: { "main.js": env.CODE } }).getEntrypoint().fetch(request) };`;
const inner = `const print = console.log.bind(console);
export default { async fetch(request) {
  print("ready");
  const decoder = new TextDecoder();
  for await (const chunk of request.body) for (const line of decoder.decode(chunk, { stream: true }).trim().split("\\n")) print(line);
  return new Response();
} };`;
const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .outer), (name = "nowhere", network = (allow = []))],
  sockets = [(name = "host", http = (), service = "main")],
  v8Flags = ["--max-old-space-size=64"],
);
const outer :Workerd.Worker = (
  modules = [(name = "outer.js", esModule = embed "outer.js")],
  compatibilityDate = "2026-01-01", compatibilityFlags = ["experimental"], globalOutbound = "nowhere",
  bindings = [(name = "LOADER", workerLoader = ()), (name = "CODE", text = embed "inner.js")],
);`;
const message = JSON.stringify({ server: "lab", tool: "echo", inputJson: JSON.stringify({ text: "x".repeat(80) }) });

function start(binary: string, folder: string) {
  const socketPath = join(mkdtempSync(join(folder, "s-")), "host");
  const child = spawn(
    binary,
    ["serve", "--experimental", join(folder, "config.capnp"), `--socket-addr=host=unix:${socketPath}`, "--control-fd=3"],
    { env: { TZ: "UTC" }, stdio: ["ignore", "pipe", "ignore", "pipe"] },
  );
  const [, output, , control] = child.stdio;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let hear: (() => void) | undefined;
  output?.on("data", () => hear?.());
  const heard = () =>
    new Promise<void>((resolve) => {
      hear = resolve;
    });
  return {
    async open() {
      await new Promise((resolve) => control?.once("data", resolve));
      const connection = request({ socketPath, method: "POST", path: "/", agent: false });
      // It ends with its process.
      connection.on("error", () => undefined);
      const ready = heard();
      connection.flushHeaders();
      await ready;
      return async () => {
        const answered = heard();
        connection.write(`${message}\n`);
        await answered;
      };
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export const floor: RawFloor = {
  id: "workerd",
  note: "workerd serve, one isolate by the worker loader, an HTTP body in and console lines out",
  async prepare(host: SandboxHost) {
    const { binary } = installedWorkerd() ?? { binary: "workerd" };
    const folder = mkdtempSync(join(host.tmpDir, "workerd-floor-"));
    for (const [name, text] of Object.entries({ "outer.js": outer, "inner.js": inner, "config.capnp": config }))
      writeFileSync(join(folder, name), text);
    let warm: { readonly kill: () => Promise<void>; readonly call: () => Promise<void> } | undefined;
    return {
      async cold() {
        const startMs = host.now();
        const process = start(binary, folder);
        const call = await process.open();
        await call();
        const tookMs = host.now() - startMs;
        await process.kill();
        return tookMs;
      },
      async roundTrip(calls) {
        if (warm === undefined) {
          const process = start(binary, folder);
          warm = { kill: process.kill, call: await process.open() };
        }
        const startMs = host.now();
        for (let i = 0; i < calls; i++) await warm.call();
        return (host.now() - startMs) / calls;
      },
      async dispose() {
        await warm?.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
