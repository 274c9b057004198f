import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { GuestBridge, Outcome } from "../../../contract/index.ts";
import { ownerVariable } from "../../../machine/orphans.ts";
import { ownerOf } from "../../../machine/owner.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { workerd } from "./sandbox.ts";

await describeBackend("workerd");
await describeBackend("workerd-process");

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };

async function play(...sources: string[]): Promise<Outcome[]> {
  const { sandbox, dispose } = testSandbox(workerd);
  const outcomes: Outcome[] = [];
  try {
    const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 64 * 2 ** 20 });
    for (const source of sources) {
      outcomes.push(
        await session.run(
          { file: "program.ts", source },
          { bridge: silent, wallTimeMs: patientMs, outputBytes: 20_000, virtualTime: false },
        ),
      );
    }
  } finally {
    await dispose();
  }
  return outcomes;
}

test("a program imports what it wrote a moment before, and what that imports", async () => {
  const [first, second] = await play(
    `import { mkdir, writeFile } from "node:fs/promises";
await mkdir("lib");
await writeFile("lib/b.ts", "export const b: number = 2;");
await writeFile("lib/a.ts", 'export { b } from "./b.ts"; export const a: string = "first";');
const name = "./lib/a.ts";
const { a, b } = await import(name);
console.log(a, b);
await writeFile("lib/a.ts", 'export const a: string = "second";');`,
    `import { a } from "./lib/a.ts"; console.log(a);`,
  );
  expect([first?.text, second?.text]).toEqual(["first 2", "second"]);
});

test("a guest has no way to a network: not by a global, not by a module of workerd's", async () => {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    reached.push(request.url ?? "");
    response.end("reached");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/canary`;
  try {
    // The control: the same request, from here, is seen.
    await (await fetch(url)).text();
    const [outcome] = await play(`const got: string[] = [];
for (const name of ["cloudflare:sockets", "cloudflare:workers", "workerd:unsafe-eval", "node:http", "node:net"])
  await import(name).then(() => got.push(name), () => undefined);
for (const name of ["fetch", "WebSocket", "EventSource", "caches", "navigator", "Cloudflare"]) if (name in globalThis) got.push(name);
try { const made = (0, eval)("1 + 1"); got.push("eval " + made); } catch {}
console.log(got, await globalThis.fetch?.("${url}").then((r) => r.text(), () => "refused"));`);
    expect(outcome?.text).toBe("[] undefined");
    expect(reached).toEqual(["/canary"]);
  } finally {
    server.close();
  }
});

test.skipIf(process.platform !== "linux")("a sweep ends processes whose harness is gone, and no others", async () => {
  const { sandbox, dispose } = testSandbox(workerd);
  const start = (owner: string): ChildProcess =>
    spawn("/bin/sleep", ["60"], { env: { [ownerVariable]: owner }, stdio: "ignore" });
  const own = ownerOf(process.pid);
  // The same place and number, and another start: a process that was there before.
  const orphan = start(own.replace(/-\d+$/, "-1"));
  const kept = start(own);
  try {
    await Promise.all([once(orphan, "spawn"), once(kept, "spawn")]);
    const ended = once(orphan, "exit");
    await sandbox.sweep();
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(kept.exitCode ?? kept.signalCode).toBeNull();
  } finally {
    orphan.kill("SIGKILL");
    kept.kill("SIGKILL");
    await dispose();
  }
});
