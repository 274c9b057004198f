/**
 * A host of its own process for one hostile server, so that a test can see what the server does to the host's memory:
 * opens a catalogue, calls the tool twice through the bridge, plays a tiny scenario against it, and prints what came of
 * it as one JSON line. Run by tests as `node host-of-hostile-server.ts <catalogue.json> <call time-out in ms>`.
 */
import { z } from "zod";
import { playCell } from "../bench/play/cell.ts";
import { scripted } from "../bench/play/models/scripted.ts";
import { agentRegistry, modeRegistry } from "../bench/play/modes/registry.ts";
import { createBridge } from "../bench/servers/bridge/bridge.ts";
import { openCatalogue, readCatalogue } from "../bench/servers/catalogue.ts";
import { loadCounter } from "../bench/tokens/counters/registry.ts";
import type { CallReply, CellRecord, Scenario } from "../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../fixtures/profiles.ts";
import { patientMs } from "./patience.ts";

export interface HostReport {
  /** Code and message of the error with which the catalogue could not be opened. */
  readonly refused?: { readonly code: string; readonly message: string };
  readonly replies?: readonly CallReply[];
  readonly record?: CellRecord;
  /** The host's largest resident memory so far, before the hostile part and at the end. */
  readonly peakBytes: { readonly before: number; readonly after: number };
  /** Properties that every object has got. */
  readonly pollution: readonly string[];
}

const limits = { maxArgumentBytes: 1e6, maxResultBytes: 32 * 1024 * 1024, maxConcurrentCalls: 8, maxCalls: 100 };
const [catalogue = "", timeout = ""] = process.argv.slice(2);
const callTimeoutMs = Number(timeout);
const cellTimeMs = callTimeoutMs;

const scenario: Scenario = {
  id: "hear",
  title: "Says what the tool said",
  source: "a test",
  params: z.object({}),
  variants: [{}],
  virtualTime: false,
  world: async (params, seed) => ({ task: { params, seed, prompt: "What does it say?", facts: {} }, servers: [] }),
  *direct() {
    const use = { server: "hostile", tool: "act", input: {} };
    const [first] = yield { uses: [use] };
    const [second] = yield { uses: [use] };
    return { heard: `${first?.text} ${second?.text}` };
  },
  *code() {
    yield { uses: [] };
    return {};
  },
  needs: () => [],
  programs: new URL("file:///none/"),
  answer: ({ heard }) => String(heard),
  verify: ({ answer }) => [{ id: "it says nothing", passed: answer === " ", detail: answer.slice(0, 2_000) }],
};

const now = () => performance.now();
const peak = () => process.resourceUsage().maxRSS * 1024;
const counter = await loadCounter("o200k_base");
counter.count("warm");
const mode = await modeRegistry.load("direct-tool-call");
const before = peak();

async function meet(file: string): Promise<Omit<HostReport, "peakBytes" | "pollution">> {
  const entries = await readCatalogue(file, {});
  const opened = await openCatalogue(entries, { timeoutMs: patientMs }).catch((error: unknown) => error);
  if (!Array.isArray(opened)) {
    const { code = "", message } = opened as Error & { code?: string };
    return { refused: { code, message } };
  }
  const bridge = createBridge(opened, { limits, now, callTimeoutMs });
  const replies = [await bridge.call("hostile", "act", {}), await bridge.call("hostile", "act", {})];
  const { record } = await playCell(
    {
      ...{ scenario: scenario.id, params: {}, mode: mode.id, sandbox: null, model: "scripted", policy: null },
      ...{ outputSchemas: null, language: null, tools: null, seed: 1, repetition: 0, role: "figure" },
    },
    {
      scenario,
      mode,
      model: scripted,
      agents: agentRegistry,
      firstOpen: false,
      extraServers: opened,
      counters: [counter],
      serialisations: ["json"],
      profiles: { model: defaultModelProfile, others: [], speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
      limits: { memoryBytes: 1e8, wallTimeMs: cellTimeMs, outputBytes: 1e6, cellTimeMs },
      enforceWindow: false,
      machine: "test",
      host: { tmpDir: "/", nodePath: process.execPath },
      now,
      signal: new AbortController().signal,
    },
  );
  await Promise.all(opened.map((connection) => connection.close()));
  return { replies, record };
}

const met = await meet(catalogue);
const pollution: string[] = [];
for (const name in {}) pollution.push(name);
const report: HostReport = { ...met, peakBytes: { before, after: peak() }, pollution };
process.stdout.write(`${JSON.stringify(report)}\n`);
