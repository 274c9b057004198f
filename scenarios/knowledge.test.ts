/** Every program, and every input of a direct script's call, knows only what was shown. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { violations } from "../testing/knowledge/judge.ts";
import { everyWay, player } from "../testing/knowledge/play.ts";
import { violationText } from "../testing/knowledge/use.ts";
import { conversationIn } from "../testing/records.ts";

const tmpDir = await mkdtemp(join(tmpdir(), "knowledge-"));
const { play, dispose } = await player(tmpDir);
afterAll(async () => {
  await dispose();
  await rm(tmpDir, { recursive: true, force: true });
});

const ways = (await everyWay()).map((way) => [way.name, way.policy, way.outputSchemas, way] as const);

test.each(ways)("%s, policy %s, output schemas %s, uses nothing that was not shown", async (_, __, ___, way) => {
  const played = await play(way);
  const transcript = conversationIn(played);
  expect(played.record).toMatchObject({ status: "passed" });
  expect(transcript === undefined ? [] : violations(transcript).map(violationText)).toEqual([]);
});
