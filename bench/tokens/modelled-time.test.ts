import { describe, expect, it } from "vitest";
import type { Counter, SpeedProfile, ToolLatencyProfile, TurnTokens } from "../../contract/index.ts";
import { gapSeconds, modelledTimes } from "./modelled-time.ts";

const speed: SpeedProfile = {
  id: "test",
  asOf: "2025-01-01",
  source: "made up",
  timeToFirstTokenSeconds: 2,
  prefillTokensPerSecond: 1_000,
  decodeTokensPerSecond: 50,
};
const toolLatency: ToolLatencyProfile = {
  id: "test",
  asOf: "2025-01-01",
  source: "made up",
  millisecondsPerCall: [100, 300, 1_000],
};
const letters: Counter = { id: "letters", title: "Letters", version: "1", estimate: true, count: (text) => text.length };

const turn = (read: number, write: number, uncached: number, output: number): TurnTokens => {
  const all = { read, write, uncached };
  return { input: read + write + uncached, output, cold: all, warm: { read: read + write + uncached, write: 0, uncached: 0 } };
};

describe("modelledTimes", () => {
  it("takes the first token, what the cold cache did not hold, and decoding, at every turn", () => {
    const turns = [turn(0, 0, 500, 100), turn(500, 1_500, 0, 25)];
    expect(modelledTimes({ turns }, { toolWaits: 0, waitSeconds: 0 }, { speed, toolLatency }).modelSeconds).toBe(
      2 + 0.5 + 2 + (2 + 1.5 + 0.5),
    );
  });

  it("adds waits, and tool waits at each latency of the profile", () => {
    expect(modelledTimes({ turns: [turn(0, 0, 1_000, 50)] }, { toolWaits: 3, waitSeconds: 60 }, { speed, toolLatency })).toEqual({
      modelSeconds: 4,
      waitSeconds: 60,
      toolWaits: 3,
      totalSeconds: [64.3, 64.9, 67],
    });
  });
});

describe("gapSeconds", () => {
  const counting = { counter: letters, serialisation: "json", speed, toolLatency } as const;

  it("is decoding, tool waits at the first latency, and waits", () => {
    const content = [{ type: "text", text: "x".repeat(50) }] as const;
    expect(gapSeconds(content, { toolWaits: 2, waitSeconds: 30 }, counting)).toBeCloseTo(1 + 0.2 + 30, 12);
  });

  it("counts tool uses as the ledger does", () => {
    const content = [{ type: "tool_use", id: "1", name: "t", input: { x: "\n" } }] as const;
    const seconds = (serialisation: "json" | "raw"): number =>
      gapSeconds(content, { toolWaits: 0, waitSeconds: 0 }, { ...counting, serialisation });
    expect(seconds("json") - seconds("raw")).toBeCloseTo(1 / 50, 12);
  });
});
