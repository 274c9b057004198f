import { expect, test } from "vitest";
import type { Answer, Finding, SandboxCheck } from "../../contract/index.ts";
import { declares } from "./needs.ts";
import { isProblem, type ProofStep, prove } from "./prove.ts";
import type { Subject } from "./subject.ts";

type Run = (on: string) => Promise<Answer | readonly Answer[]>;

const check = (id: string, run: Run, own: Partial<SandboxCheck> = {}): SandboxCheck => ({
  ...{ id, title: `what ${id} asks`, needs: [], controls: [] },
  languages: ["javascript"],
  run: (context) => run(String(context)),
  ...own,
});

/** `ended`: ids of the subjects whose trials were ended, in order. Each check gets the id of its subject. */
const ended: string[] = [];
const subject = (id: string, checks: readonly SandboxCheck[], own: Partial<Subject> = {}): Subject => ({
  ...{ id, checks, version: `${id} 1`, configuration: "0123456789ab", control: false, enforces: [], expectedFailures: [] },
  kind: "backend",
  sharesHostLoop: false,
  languages: ["javascript"],
  begin: async () => ({ context: id, start: async () => undefined, end: async () => void ended.push(id) }),
  ...own,
});

const now = () => performance.now();
const never = new AbortController().signal;
async function stepsOf(subjects: readonly Subject[], signal = never): Promise<ProofStep[]> {
  const steps: ProofStep[] = [];
  for await (const step of prove(subjects, { signal, now })) steps.push(step);
  return steps;
}
async function findingsOf(...subjects: readonly Subject[]): Promise<Finding[]> {
  return (await stepsOf(subjects)).flatMap((step) => (step.step === "finding" ? [step.finding] : []));
}
const shown = ({ subject: { id }, check, variant, verdict, evidence, reason }: Finding) =>
  [id, check, variant ?? "-", verdict, evidence || "-", reason ?? "-"].join(" | ");

const says =
  (verdict: Exclude<Answer["verdict"], "unsupported" | "unproven">, evidence = ""): Run =>
  async () => ({ verdict, evidence });
const throws: Run = async () => {
  throw new Error("it broke");
};

test("each verdict, by what a check says, what is expected, and what was missing", async () => {
  const known = (check: string) => ({ check, reason: "it is known" });
  const findings = await findingsOf(
    subject(
      "one",
      [
        check("held", says("held")),
        check("failed", says("failed", "wanted 1, found 2")),
        check("known", says("failed", "found 2")),
        check("undeclared", says("failed", "found 3"), { limit: "memory" }),
        check("undeclared-held", says("held"), { limit: "memory" }),
        check("declared", says("failed", "found 4"), { limit: "wallTime" }),
        check("known-held", says("held")),
        check("broken", throws),
        check("known-broken", throws),
        check("needy", throws, { needs: [declares("wallTime"), declares("disk")] }),
        check("no-such-thing", async () => ({ verdict: "unsupported", reason: "it has no files" })),
        check("probe-crashed", throws, { controls: ["open"] }),
        check("probe-stuck", says("inconclusive", "no such command"), { controls: ["open"] }),
        check("probe-unvalidated", says("contained", "EACCES"), { controls: ["open"] }),
        check("probe-without-control", says("contained", "EACCES")),
        check("probe-without-safe-control", async () => ({ verdict: "unproven", reason: "a kernel exploit" })),
        check("census", says("census", "CapBnd 0")),
        check("probe-out", says("escaped", "token"), { controls: ["open"] }),
        check("known-variants", async () => [
          { variant: "plain", verdict: "held", evidence: "" },
          { variant: "computed", verdict: "failed", evidence: "y" },
        ]),
        check("variants", async () => [
          { variant: "plain", verdict: "held", evidence: "" },
          { variant: "computed", verdict: "failed", evidence: "x" },
        ]),
      ],
      {
        enforces: ["wallTime"],
        expectedFailures: [known("known"), known("known-held"), known("known-broken"), known("known-variants")],
      },
    ),
  );
  expect(findings.map(shown)).toMatchInlineSnapshot(`
    [
      "one | held | - | held | - | -",
      "one | failed | - | failed | wanted 1, found 2 | -",
      "one | known | - | expected-failure | found 2 | it is known",
      "one | undeclared | - | expected-failure | found 3 | it does not declare the limit memory",
      "one | undeclared-held | - | held | - | -",
      "one | declared | - | failed | found 4 | -",
      "one | known-held | - | failed | it held, where this was expected: it is known. Remove it from the expected failures | -",
      "one | broken | - | failed | it broke | -",
      "one | known-broken | - | failed | it broke | -",
      "one | needy | - | unsupported | - | it does not declare the limit disk",
      "one | no-such-thing | - | unsupported | - | it has no files",
      "one | probe-crashed | - | inconclusive | it broke | -",
      "one | probe-stuck | - | inconclusive | no such command | -",
      "one | probe-unvalidated | - | unproven | EACCES | it did not escape in this run from its control open",
      "one | probe-without-control | - | unproven | EACCES | it has no control",
      "one | probe-without-safe-control | - | unproven | - | a kernel exploit",
      "one | census | - | census | CapBnd 0 | -",
      "one | probe-out | - | escaped | token | -",
      "one | known-variants | plain | held | - | -",
      "one | known-variants | computed | expected-failure | y | it is known",
      "one | variants | plain | held | - | -",
      "one | variants | computed | failed | x | -",
    ]
  `);
  const problems = findings.filter((finding) => isProblem(finding, subject("one", [])));
  expect(problems.map((finding) => finding.check)).toEqual([
    ...["failed", "declared", "known-held", "broken", "known-broken", "probe-out", "variants"],
  ]);
});

test("contained counts where every control was caught in the same run, and controls come first", async () => {
  const probe = check("probe", async (on) => ({ verdict: on === "safe" ? "contained" : "escaped", evidence: on }), {
    controls: ["open", "wide"],
  });
  const control = (id: string, checks = [probe]) => subject(id, checks, { control: true });
  const both = await findingsOf(subject("safe", [probe]), control("open"), control("wide"));
  expect(both.map(shown)).toEqual([
    "open | probe | - | escaped | open | -",
    "wide | probe | - | escaped | wide | -",
    "safe | probe | - | contained | safe | -",
  ]);
  expect(both.map((finding) => isProblem(finding, control("open")))).toEqual([false, false, false]);
  const blind = check("probe", says("contained", "nothing"), { controls: ["open", "wide"] });
  const oneBlind = await findingsOf(subject("safe", [probe]), control("open"), control("wide", [blind]));
  expect(oneBlind.map(shown).at(-1)).toBe(
    "safe | probe | - | unproven | safe | it did not escape in this run from its control wide",
  );
});

test("a control validates the language and the variant in which it was escaped from, and no other", async () => {
  const languages = ["javascript", "python"] as const;
  const answer = (verdict: "contained" | "escaped", ...variants: readonly string[]): Answer[] =>
    variants.map((variant) => ({ variant, verdict, evidence: "" }));
  const probe = (id: string, own: Partial<SandboxCheck>, run: Run) => check(id, run, { controls: ["open"], ...own });
  const both = async (on: string) => answer(on === "safe" ? "contained" : "escaped", "plain");
  const plain = async (on: string) => (on === "safe" ? answer("contained", "plain", "computed") : answer("escaped", "plain"));
  const checks = [probe("languages", { languages }, both), probe("variants", {}, plain)];
  const found = await findingsOf(subject("safe", checks, { languages }), subject("open", checks, { control: true }));
  const ofSafe = found.filter(({ subject: { id } }) => id === "safe");
  expect(ofSafe.map(({ check: id, variant, language, verdict }) => [id, variant, language, verdict].join(" "))).toEqual([
    "languages plain javascript contained",
    "variants plain javascript contained",
    "variants computed javascript unproven",
    "languages plain python unproven",
  ]);
});

test("one that does not start has that one finding, whatever its languages, and is not complete", async () => {
  const start = () => Promise.reject(new Error("no daemon"));
  const languages = ["javascript", "python"] as const;
  const dead = subject("dead", [check("held", says("held"))], {
    languages,
    begin: async () => ({ context: "", start, end: async () => void ended.push("dead") }),
  });
  const steps = await stepsOf([dead, subject("next", [check("held", says("held"))])]);
  expect(steps.map((step) => (step.step === "finding" ? shown(step.finding) : step.step))).toEqual([
    ...["begin", "dead | start | - | failed | no daemon | -", "end", "begin", "next | held | - | held | - | -", "end"],
  ]);
  expect(steps.filter(({ step }) => step === "end")).toMatchObject([{ complete: false }, { complete: true }]);
});

test("an abort ends after the check at hand; what is done is not complete, and its trial is ended", async () => {
  const stop = new AbortController();
  const aborting: Run = async () => {
    stop.abort();
    return { verdict: "held", evidence: "" };
  };
  ended.length = 0;
  const checks = [check("first", aborting), check("second", throws)];
  const steps = await stepsOf([subject("one", checks), subject("two", checks)], stop.signal);
  expect(steps).toMatchObject([{ step: "begin" }, { finding: { check: "first" } }, { step: "end", complete: false }]);
  expect(ended).toEqual(["one"]);
});

test("evidence is bounded", async () => {
  const [finding] = await findingsOf(subject("one", [check("failed", says("failed", "x".repeat(5_000)))]));
  expect(finding?.evidence).toMatch(/^x{999}…$/);
});

test("what the host went through stands with an attack that was put, and with nothing else", async () => {
  const findings = await findingsOf(
    subject("one", [
      check("calm", says("held")),
      check("attack", says("held"), { hostile: true }),
      check("attack-that-fails", throws, { hostile: true }),
      check("attack-without-need", throws, { hostile: true, needs: [declares("disk")] }),
    ]),
  );
  expect(findings.map(({ host }) => host !== null)).toEqual([false, true, true, false]);
});
