import { expect, test } from "vitest";
import { z } from "zod";
import { policies, type RunConfig, type Scenario } from "../../contract/index.ts";
import { type PlanInput, type PlannedMode, plan, policySkips } from "./plan.ts";

const scenario = { id: "s", params: z.strictObject({ n: z.int().default(1) }), variants: [{}] } as unknown as Scenario;
const direct: PlannedMode = {
  id: "direct-tool-call",
  sandbox: null,
  control: false,
  policies: [],
  showsOutputSchemas: false,
};
const code: PlannedMode = {
  id: "code",
  sandbox: { languages: ["javascript"] },
  control: false,
  policies,
  showsOutputSchemas: true,
};
const echo: PlannedMode = { ...code, id: "echo", control: true };

const languages = ["javascript"] as const;

function input(config: Partial<RunConfig> = {}, rest: Partial<PlanInput> = {}): PlanInput {
  return {
    config: {
      tools: [null],
      baseline: "direct-tool-call",
      languages,
      ...{ policies: ["minimal"], outputSchemas: ["real"], bounds: false, params: [], seeds: 2, repeat: 1, controls: false },
      ...config,
    } as RunConfig,
    scenarios: [scenario],
    modes: [direct, code],
    models: ["scripted"],
    sandboxes: [{ id: "box", control: false, languages }],
    echo,
    shuffle: (list) => [...list],
    ...rest,
  };
}

const names = (of: PlanInput) =>
  plan(of).map(({ mode, sandbox, policy, outputSchemas, tools, seed, role }) =>
    [mode, sandbox ?? "-", policy ?? "-", outputSchemas ?? "-", tools ?? "own", seed, role].join(" "),
  );

test("every seed is played in both modes; direct has no sandbox and no choices", () => {
  expect(names(input())).toEqual([
    "direct-tool-call - - - own 1 figure",
    "direct-tool-call - - - own 2 figure",
    "code box minimal real own 1 figure",
    "code box minimal real own 2 figure",
  ]);
});

test("every model plays every way, and only the first one bounds and controls", () => {
  const models = ["scripted", "another"];
  const cells = plan(input({ seeds: 1, bounds: true, controls: true }, { models }));
  expect(cells.filter(({ role }) => role === "figure").map(({ model }) => model)).toEqual([
    ...["scripted", "scripted", "another", "another"],
  ]);
  expect(new Set(cells.filter(({ role }) => role !== "figure").map(({ model }) => model))).toEqual(new Set(["scripted"]));
});

test("a program is sent only to sandboxes that run its language", () => {
  const bilingual: PlannedMode = { ...code, sandbox: { languages: ["python", "javascript"] } };
  const sandboxes = [
    { id: "box", control: false, languages },
    { id: "snake", control: false, languages: ["python"] as const },
  ];
  const played = plan(input({ seeds: 1, languages: ["javascript", "python"] }, { modes: [bilingual], sandboxes }));
  expect(played.map(({ language, sandbox }) => `${language} ${sandbox}`)).toEqual(["javascript box", "python snake"]);
});

test("a language that no mode writes its programs in is refused", () => {
  expect(() => plan(input({ languages: ["python"] }))).toThrow(
    "No mode that is played writes its programs in python. Leave --language python out, or add a mode that does. Here: code javascript.",
  );
  const python: PlannedMode = { ...code, sandbox: { languages: ["python"] } };
  const snake = { id: "snake", control: false, languages: ["python"] as const };
  expect(plan(input({ seeds: 1 }, { modes: [python], sandboxes: [snake] })).map(({ language }) => language)).toEqual(["python"]);
});

test("a baseline that is not played is refused", () => {
  expect(() => plan(input({ baseline: "cli" }))).toThrow(
    "--baseline cli is not among the modes that are played. Add --mode cli, or name one of direct-tool-call, code.",
  );
});

test("more cells than a run can hold are refused before the memory ends", () => {
  expect(() => plan(input({ seeds: 99_999_999_999 }))).toThrow(
    "The selection has more than 1,000,000 cells. Ask for fewer seeds, repetitions, tool counts or parameters.",
  );
});

test("each policy and choice of output schemas is played in code modes, and direct once", () => {
  expect(names(input({ policies: ["minimal", "repair"], outputSchemas: ["none", "all"], seeds: 1 }))).toEqual([
    "direct-tool-call - - - own 1 figure",
    "code box minimal none own 1 figure",
    "code box minimal all own 1 figure",
    "code box repair none own 1 figure",
    "code box repair all own 1 figure",
  ]);
});

test("bounds play every choice that is not compared, one at a time, on seed 1, own tools and the first sandbox that is no control", () => {
  const boxes = [
    { id: "open", control: true, languages },
    { id: "box", control: false, languages },
    { id: "other", control: false, languages },
  ];
  const config: Partial<RunConfig> = { bounds: true, seeds: 2, tools: [400, null], policies: ["thorough"] };
  const bounds = names(input(config, { sandboxes: boxes })).filter((name) => name.endsWith(" bound"));
  expect(bounds).toEqual([
    "code box minimal real own 1 bound",
    "code box readme real own 1 bound",
    "code box repair real own 1 bound",
    "code box thorough all own 1 bound",
    "code box thorough none own 1 bound",
  ]);
});

test("without the mode that figures compare with there is nothing to bound", () => {
  expect(names(input({ bounds: true, seeds: 1 }, { modes: [code] }))).toEqual(["code box minimal real own 1 figure"]);
});

test("a policy that needs programs of its own is played where the scenario has them", () => {
  const waits = { ...scenario, codeReturning: () => undefined } as unknown as Scenario;
  const played = (one: Scenario, config: Partial<RunConfig>) => names(input({ seeds: 1, ...config }, { scenarios: [one] }));
  expect(played(waits, { bounds: true })).toContain("code box return-and-ask real own 1 bound");
  expect(played(waits, { policies: ["return-and-ask"] })).toContain("code box return-and-ask real own 1 figure");
  expect(played(scenario, { policies: ["return-and-ask"] })).toContain("code box minimal real own 1 figure");
  expect(policySkips({ policies: ["minimal", "return-and-ask"] }, [waits, scenario])).toMatchObject([
    { what: "policy return-and-ask in s", fix: "Leave s out to play the policy alone." },
  ]);
});

test("where no policy that was asked for fits, the default is compared, and is no bound besides", () => {
  const config: Partial<RunConfig> = { policies: ["return-and-ask"], bounds: true, seeds: 1 };
  const played = names(input(config, { modes: [code] })).filter((name) => name.includes(" minimal real "));
  expect(played).toContain("code box minimal real own 1 figure");
});

test("the controls are the direct mode once more, and the echo mode without looks, on seed 1", () => {
  expect(names(input({ controls: true, seeds: 1, tools: [null, 400] })).slice(-2)).toEqual([
    "direct-tool-call - - - own 1 self-control",
    "echo box minimal all own 1 echo-control",
  ]);
});

test("the order is the shuffle's", () => {
  const reversed = names(input({ seeds: 1 }, { shuffle: (list) => [...list].reverse() }));
  expect(reversed).toEqual(["code box minimal real own 1 figure", "direct-tool-call - - - own 1 figure"]);
});

test("nothing to play is an error", () => {
  expect(() => plan(input({}, { scenarios: [] }))).toThrow("nothing to play");
});
