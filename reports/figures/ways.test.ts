import { describe, expect, test } from "vitest";
import type { CellRecord, RunInfo, Selected } from "../../contract/index.ts";
import { codeRecord, directRecord, runOf } from "../../testing/records.ts";
import { summarise } from "./summarise.ts";

const sandboxes: readonly Selected[] = [
  { id: "quickjs", control: false },
  { id: "subprocess", control: true },
  { id: "isolated-vm", control: false },
];

/** Asks for sandboxes, by `names`, in that order. */
function asking(...names: readonly string[]): RunInfo {
  const { selected } = runOf();
  const asked = names.flatMap((name) => sandboxes.filter(({ id }) => id === name));
  return runOf({ selected: { ...selected, sandboxes: asked } });
}

function waysOf(run: RunInfo, records: readonly CellRecord[]) {
  return summarise(run, records).blocks[0]?.ways ?? [];
}

describe("ways stand in the order asked for", () => {
  const records = [directRecord(), ...sandboxes.map(({ id }) => codeRecord({ sandbox: id }))];

  test("and a control last: its place among the others does not matter", () => {
    for (const names of [
      ["quickjs", "subprocess", "isolated-vm"],
      ["subprocess", "quickjs", "isolated-vm"],
    ]) {
      expect(waysOf(asking(...names), records).map(({ sandbox }) => sandbox)).toEqual(["quickjs", "isolated-vm", "subprocess"]);
    }
    const [first] = waysOf(asking("isolated-vm", "subprocess", "quickjs"), records);
    expect(first?.sandbox).toBe("isolated-vm");
  });

  test("whatever the order of the records", () => {
    const run = asking("quickjs", "subprocess", "isolated-vm");
    expect(waysOf(run, records.toReversed())).toEqual(waysOf(run, records));
  });

  test("in every part of the summary: sensitivity is the first way's, and so is the first line of robustness", () => {
    const { sensitivity, robustness } = summarise(asking("subprocess", "isolated-vm", "quickjs"), records);
    expect(sensitivity.map(({ sandbox }) => sandbox)).toEqual(["isolated-vm"]);
    expect(robustness[0]?.sandbox).toBe("isolated-vm");
  });

  test("policies before sandboxes, and what was not asked for last", () => {
    const { config } = runOf();
    const run = { ...asking("isolated-vm", "quickjs"), config: { ...config, policies: ["repair", "minimal"] as const } };
    const played = [
      ["minimal", "quickjs"],
      ["repair", "quickjs"],
      ["thorough", "isolated-vm"],
      ["repair", "isolated-vm"],
      ["minimal", "isolated-vm"],
    ] as const;
    const ways = waysOf(run, [directRecord(), ...played.map(([policy, sandbox]) => codeRecord({ policy, sandbox }))]);
    expect(ways.map(({ policy, sandbox }) => `${policy} ${sandbox}`)).toEqual([
      "repair isolated-vm",
      "repair quickjs",
      "minimal isolated-vm",
      "minimal quickjs",
      "thorough isolated-vm",
    ]);
  });
});

describe("a mode is a control", () => {
  const modes = [
    { id: "direct-tool-call", control: false, short: "direct" },
    { id: "code-that-checks", control: true, short: "checks" },
    { id: "code-execution", control: false, short: "code" },
  ];
  const run = runOf({ selected: { ...runOf().selected, modes } });

  test("if it says so, even if it was asked for first", () => {
    const ways = waysOf(run, [directRecord(), codeRecord({ mode: "code-that-checks" }), codeRecord()]);
    expect(ways.map(({ mode }) => mode)).toEqual(["code-execution", "code-that-checks"]);
  });
});
