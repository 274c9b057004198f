import { expect, test } from "vitest";
import type { Language, Outcome, Sandbox } from "../../../contract/index.ts";
import { fakeSandbox } from "../../../testing/fake-sandbox.ts";
import { checksOf } from "../checks.ts";

const activity = { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 } as const;
const limited: Outcome = { status: "limit-exceeded", limit: "memory", text: "", activity };
const filled: Outcome = { status: "returned", text: "filled", activity };

/** Memory is limited in the sessions, counted from 0, for which `holds` says so. */
function limiting(holds: (session: number) => boolean, own: Partial<Sandbox> = {}) {
  const fake = fakeSandbox(own);
  const open: Sandbox["open"] = async (options) => {
    const session = await fake.open(options);
    const outcome = holds(fake.sessions.length - 1) ? limited : filled;
    const next: Outcome = { ...filled, text: "next" };
    return { ...session, run: async ({ source }) => (source.includes("next") ? next : outcome) };
  };
  return { fake, sandbox: { ...fake, open } };
}

function memoryBuffers(language: Language, sandbox: Sandbox): Promise<void> {
  const check = checksOf[language].find(({ id }) => id === "memory-buffers");
  if (check === undefined) throw new Error("no such check");
  return check.run({ sandbox, tmpDir: "", canaryFile: "" });
}

test.each(["javascript", "python"] as const)("a limit that holds in every other session of %s only is none", async (language) => {
  await expect(memoryBuffers(language, limiting((session) => session % 2 === 0).sandbox)).rejects.toThrow(
    "wanted: ended by the limit memory; it returned, and showed: filled (session 2 of 4)",
  );
  await expect(memoryBuffers(language, limiting(() => true).sandbox)).resolves.toBeUndefined();
});

test("a backend on an emulated processor is asked in fewer sessions", async () => {
  const { fake, sandbox } = limiting(() => true, { emulates: "CPU" });
  await memoryBuffers("javascript", sandbox);
  // And one in which the next program runs.
  expect(fake.sessions).toHaveLength(3);
});
