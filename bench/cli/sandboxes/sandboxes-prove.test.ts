import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, expect, test } from "vitest";
import { BenchError, type ExecutorFactory, registry, type Sandbox } from "../../../contract/index.ts";
import { fakeProcess } from "../../../testing/fake-process.ts";
import { fakeSandbox } from "../../../testing/fake-sandbox.ts";
import { hostileText } from "../../../testing/harmless.ts";
import { registries } from "../../registries.ts";
import { runCli } from "../cli.ts";

const cwd = mkdtempSync(join(tmpdir(), "sandboxes-prove-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function prove(sandbox: Partial<Sandbox> & Parameters<typeof fakeSandbox>[0], ...args: readonly string[]) {
  const sandboxes = registry("sandbox", { fake: async () => () => fakeSandbox(sandbox) });
  const executors = registry<ExecutorFactory>("executor", {});
  const fake = fakeProcess({ args: ["sandboxes", "--prove", ...args], cwd, registries: { ...registries, sandboxes, executors } });
  const code = await runCli({ ...fake, nodePath: execPath, now: () => performance.now() });
  const file = JSON.parse(readFileSync(join(cwd, "results/sandboxes-20251121-093000/findings.json"), "utf8"));
  return { code, stdout: fake.written.stdout, proof: file.subjects[0] };
}

test("a check that fails is printed with its title, with what was wanted and with what came", async () => {
  const { code, stdout } = await prove({ enforces: ["memory", "processes"], play: () => "300" });
  expect(code).toBe(1);
  expect(stdout).toContain(
    "  result (javascript) failed: a program's output is its result\n" +
      `    wanted: it returns, and shows: n 42 {"n":42}; it returned, and showed: 300\n`,
  );
  expect(stdout).toMatch(
    /\n {2}attacked, the host was held up for \d+ ms at most \([\w-]+\); it grew by \d+ MiB at most \([\w-]+\)\n/,
  );
  expect(stdout).toContain("\n    started 300 processes, wanted a refusal before that\n");
  expect(stdout).toContain("\n    wanted: ended by the limit memory; it returned, and showed: 300 (session 1 of 4)\n");
});

test.each([[], ["--json"]])("what a guest printed acts on no terminal, in any form of the findings: %j", async (...args) => {
  const { stdout, proof } = await prove({ play: () => hostileText }, ...args);
  expect(stdout.replaceAll("\n", " ")).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/u);
  expect(stdout).toContain("\\u202e");
  expect(proof.findings[0].evidence).toContain("\u202e");
});

test("of a backend that opens no session that alone is told, by its reason; nothing is proved, and it exits with 1", async () => {
  const reason = "its process cannot be started: spawn nowhere ENOENT";
  const beforeOpen = () =>
    Promise.reject(new BenchError("SANDBOX_UNAVAILABLE", { sandbox: "fake", reason, fix: "Leave it out with --sandbox." }));
  const { code, stdout, proof } = await prove({ languages: ["javascript", "python"], enforces: ["memory"], beforeOpen });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^ {2}start \(javascript\) failed: it starts\n {4}no session opens: .* ENOENT\nfake: it does not start, so nothing is proved of it\n\n/,
  );
  expect(stdout).not.toContain("Leave it out");
  expect(stdout).not.toContain("list sandboxes shows it");
  expect(proof).toMatchObject({ complete: false, findings: [{ check: "start", verdict: "failed", limit: null }] });
  expect(proof.findings[0].evidence).toBe(`no session opens: ${reason}`);
});
