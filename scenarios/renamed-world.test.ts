/**
 * A conversation needs what it learned. One field, column or file of the world is renamed, and the prompt stays. The
 * same programs, byte for byte, must then fail, and so must a direct script whose later inputs rest on that name.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Mode, ScriptedAgent, Transcript } from "../contract/index.ts";
import { conversationOf } from "../testing/knowledge/conversation.ts";
import { fieldsBehindInputs } from "../testing/knowledge/fields-behind-inputs.ts";
import { judge } from "../testing/knowledge/judge.ts";
import { everyWay, player, type Way } from "../testing/knowledge/play.ts";
import { type Rename, renamedWorld, renameFor } from "../testing/knowledge/renamed-world.ts";
import { replaying } from "../testing/knowledge/replay.ts";
import { conversationIn } from "../testing/records.ts";

const tmpDir = await mkdtemp(join(tmpdir(), "renamed-world-"));
const { play, dispose } = await player(tmpDir);
afterAll(async () => {
  await dispose();
  await rm(tmpDir, { recursive: true, force: true });
});

async function original(way: Way) {
  const played = await play(way);
  const { record } = played;
  const transcript = conversationIn(played);
  if (record.status !== "passed" || transcript === undefined) throw new Error(`The original is ${record.status}.`);
  return { record, transcript };
}

/** Plays in the renamed world: programs as they were sent, a direct script as it is. */
async function statusIn(way: Way, { record, transcript }: Awaited<ReturnType<typeof original>>, rename: Rename) {
  const maxCalls = record.activity.calls + 5;
  const elsewhere = (mode: Mode): Mode => ({
    ...mode,
    start: (options) => mode.start({ ...options, bridge: renamedWorld(options.bridge, rename, maxCalls) }),
  });
  const played = await play(way, {
    mode: elsewhere,
    ...(way.programs ? { agent: (agent: ScriptedAgent) => replaying(agent, transcript) } : {}),
  });
  return played.record.status;
}

function renamesOf(way: Way, transcript: Transcript): readonly Rename[] {
  const direct = !way.programs;
  // A direct script reads a value from a result under whatever name it has there now.
  const uses = judge(transcript).filter(({ source }) => !direct || source !== "result");
  const renames = uses.flatMap((use) => renameFor(use) ?? []);
  if (direct) renames.push(...fieldsBehindInputs(transcript).map((names) => ({ what: "field" as const, names })));
  return [...new Map(renames.map((rename) => [JSON.stringify(rename), rename])).values()];
}

/** What the conversation sent beside its looks into the tree. */
function sent(transcript: Transcript): string {
  const uses = conversationOf(transcript).turns.flat();
  return JSON.stringify(uses.filter(({ result }) => !result.discovery).map(({ name, input }) => [name, input]));
}

const failed = ["failed", "model-error", "limit-exceeded"];
const scenarios = Map.groupBy(await everyWay(), ({ scenario, mode }) => `${scenario} in ${mode}`);

test.each([...scenarios])(
  "%s passes when nothing that it uses is renamed, and fails with any one name renamed",
  async (_, ways) => {
    const tried = new Set<string>();
    const failing = new Set<string>();
    const survived = new Map<string, string>();
    for (const way of ways) {
      const first = await original(way);
      // Policies that only read more of the tree send the same programs.
      const bytes = `${way.name} ${sent(first.transcript)}`;
      if (tried.has(bytes)) continue;
      tried.add(bytes);
      expect(await statusIn(way, first, { what: "content", names: ["what nothing is called"] })).toBe("passed");
      const renames = renamesOf(way, first.transcript);
      expect(renames.length).toBeGreaterThan(0);
      for (const rename of renames) {
        const status = await statusIn(way, first, rename);
        if (failed.includes(status)) failing.add(String(rename.names));
        else survived.set(String(rename.names), `${way.name}, ${way.policy}, output schemas ${way.outputSchemas}: ${status}`);
      }
    }
    // A name may be idle under some parameters, as that of the next page is where there is one page, and not under all.
    expect([...survived].filter(([names]) => !failing.has(names))).toEqual([]);
  },
);
