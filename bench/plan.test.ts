import { expect, test } from "vitest";
import { z } from "zod";
import { type PlanInput, plan } from "./plan.ts";
import type { RunConfig, Scenario } from "./types/index.ts";

const scenario = { id: "s", params: z.strictObject({ n: z.int().default(1) }), variants: [{}] } as unknown as Scenario;
const direct = { id: "direct", usesSandbox: false, control: false };
const code = { id: "code", usesSandbox: true, control: false };
const echo = { id: "echo", usesSandbox: true, control: true };

function input(config: Partial<RunConfig> = {}, rest: Partial<PlanInput> = {}): PlanInput {
  return {
    config: { tools: [null], discoveries: ["minimal"], params: [], seeds: 2, repeat: 1, controls: false, ...config } as RunConfig,
    scenarios: [scenario],
    modes: [direct, code],
    sandboxes: ["box"],
    echo,
    shuffle: (list) => [...list],
    ...rest,
  };
}

const names = (of: PlanInput) =>
  plan(of).map((key) => [key.mode, key.sandbox ?? "-", key.discovery, key.tools ?? "own", key.seed, key.repetition].join(" "));

test("every seed is played in both modes; direct has no sandbox", () => {
  expect(names(input())).toEqual([
    "direct - minimal own 1 0",
    "direct - minimal own 2 0",
    "code box minimal own 1 0",
    "code box minimal own 2 0",
  ]);
});

test("each discovery is played in code modes, and direct once", () => {
  expect(names(input({ discoveries: ["minimal", "thorough"], seeds: 1 }))).toEqual([
    "direct - minimal own 1 0",
    "code box minimal own 1 0",
    "code box thorough own 1 0",
  ]);
});

test("the controls are the direct mode once more and the echo mode, on seed 1", () => {
  expect(names(input({ controls: true, seeds: 1, tools: [null, 400] })).slice(-2)).toEqual([
    "direct - minimal own 1 1",
    "echo box minimal own 1 0",
  ]);
});

test("the order is the shuffle's", () => {
  const reversed = names(input({ seeds: 1 }, { shuffle: (list) => [...list].reverse() }));
  expect(reversed).toEqual(["code box minimal own 1 0", "direct - minimal own 1 0"]);
});

test("nothing to play is an error", () => {
  expect(() => plan(input({}, { scenarios: [] }))).toThrow("nothing to play");
});
