/** The ledger against counting alone: what accounting costs over the tokenizer that it cannot do without. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCounter } from "../../bench/tokens/counters/registry.ts";
import { blockText, fixedBlocks } from "../../bench/tokens/ledger/blocks.ts";
import { ledger as ledgerOf } from "../../bench/tokens/ledger/ledger.ts";
import type { Transcript } from "../../contract/index.ts";
import { defaultModelProfile } from "../../fixtures/profiles.ts";
import { bareTokenizer } from "./bare-tokenizers.ts";
import { atLeast, atMost, type Benchmark, compare } from "./comparison.ts";
import { microRounds } from "./rounds.ts";
import { counterId, savedRun } from "./saved-run.ts";

export const ledger: Benchmark = {
  id: "ledger",
  title: "A conversation's ledger against the bare tokenizer on its blocks",
  async run() {
    const counter = await loadCounter(counterId);
    const bare = { "own counter": counter.count, "gpt-tokenizer": await bareTokenizer(counterId) };
    const sheet = await directTranscript("sheet-filter", "rows=10000", "pageRows=0", "serverQuery=false");
    const polling = await directTranscript("slack-polling", "polls=50");
    const account = (transcript: Transcript) => () => ledgerOf(transcript, counter, "json", defaultModelProfile);
    const comparisons = [];
    for (const [name, count] of Object.entries(bare)) {
      const tokenise = (texts: readonly string[]) => () => texts.reduce((tokens, text) => tokens + count(text), 0);
      const texts = textsOf(sheet);
      const sheetRounds = await microRounds(account(sheet), tokenise(texts), { rounds: 12, timeMs: 400, iterations: 3 });
      comparisons.push(
        compare(`sheet of 10,000 rows, ${texts.length} blocks, ${name}: throughput`, sheetRounds, {
          figure: ({ left, right }) => right / left,
          target: atLeast(0.9),
        }),
      );
      const distinct = [...new Set(textsOf(polling))];
      const rounds = await microRounds(account(polling), tokenise(distinct), { rounds: 20, timeMs: 100, iterations: 5 });
      const blocks = `${distinct.length} blocks distinct of ${textsOf(polling).length}`;
      comparisons.push(compare(`50 polls, ${blocks}, ${name}: time`, rounds, { target: atMost(1.3) }));
    }
    return {
      comparisons,
      notes: [
        `The bare side counts ready-made strings: with the ledger's own ${counterId} counter, and with gpt-tokenizer's countTokens (special-token spellings as ordinary text). The ledger writes the blocks as strings too, a use of a tool only where it differs from that tool's last one, with a counter that remembers nothing between ledgers.`,
        "Ratios of throughput: higher is better. Ratios of time: lower is better.",
      ],
    };
  },
};

function textsOf(transcript: Transcript): string[] {
  const fixed = fixedBlocks(transcript, null).flatMap((block) => ("text" in block ? [block.text] : []));
  return [...fixed, ...transcript.messages.flatMap(({ content }) => content.map((block) => blockText(block, "json")))];
}

async function directTranscript(scenario: string, ...params: readonly string[]): Promise<Transcript> {
  const folder = await mkdtemp(join(tmpdir(), "bench-ledger-"));
  try {
    const selection = [scenario, "--mode", "direct-tool-call", "--seeds", "1", ...params.flatMap((param) => ["--param", param])];
    const [saved] = await savedRun(join(folder, "run"), ...selection);
    const transcript = saved?.episodes[0]?.contexts[0]?.transcript;
    if (transcript === undefined) throw new Error(`${scenario} saved no conversation.`);
    return transcript;
  } finally {
    await rm(folder, { recursive: true });
  }
}
