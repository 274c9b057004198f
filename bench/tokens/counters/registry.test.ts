import { describe, expect, it } from "vitest";
import { counterEntries, counterRegistry, loadCounter } from "./registry.ts";

describe("counters", () => {
  it("are listed with o200k_base first: the first is primary", () => {
    expect(counterRegistry.ids[0]).toBe("o200k_base");
    expect(counterRegistry.defaults[0]).toBe("o200k_base");
  });

  it.each(counterEntries)(
    "$id carries its id, its title and the version of its vocabulary, and calls itself an estimate",
    async (entry) => {
      const { id, title, version, estimate } = await loadCounter(entry.id);
      expect({ id, title, estimate }).toEqual({ id: entry.id, title: entry.title, estimate: true });
      expect(version).toMatch(/^(tiktoken|@anthropic-ai\/tokenizer) \d+\.\d+\.\d+$/);
    },
  );

  it("read each vocabulary once", async () => {
    expect(await loadCounter("o200k_base")).toBe(await counterRegistry.load("o200k_base"));
  });

  it("reject an unknown id", async () => {
    await expect(loadCounter("o200k")).rejects.toMatchObject({ code: "UNKNOWN_ID", details: { kind: "counter", id: "o200k" } });
  });

  it("count special-token spellings as ordinary text", async () => {
    const o200k = await loadCounter("o200k_base");
    const claude = await loadCounter("claude-legacy");
    expect(o200k.count("<|endoftext|>")).toBe(7);
    expect(claude.count("<EOT>")).toBe(4);
  });

  it("claude-legacy normalises compatibility characters first", async () => {
    const claude = await loadCounter("claude-legacy");
    expect(claude.count("ﬁne ① e\u0301")).toBe(claude.count("fine 1 é"));
  });
});
