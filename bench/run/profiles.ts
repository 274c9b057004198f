/** The dated profiles that a run's figures are made under. */

import { select } from "../../contract/flags/selection.ts";
import type { RunInfo } from "../../contract/index.ts";
import { defaultSpeedProfile, defaultToolLatency, modelProfiles } from "../../fixtures/profiles.ts";
import { sha256 } from "./jobs.ts";

/** `id` is the model's. Throws UNKNOWN_ID, naming the nearest one. */
export function profilesOf(id: string): RunInfo["profiles"] {
  const ids = modelProfiles.map((profile) => profile.id);
  const [selected] = select("profile", [id], { ids, defaults: ids });
  const model = modelProfiles.find((profile) => profile.id === selected);
  if (model === undefined) throw new TypeError(`Selected and not there: ${id}.`);
  return {
    model,
    others: modelProfiles.filter((other) => other !== model),
    speed: defaultSpeedProfile,
    toolLatency: defaultToolLatency,
  };
}

/** What a job calls them by. It is the same whichever model's is chosen. */
export function profileContents(): string {
  return sha256(JSON.stringify([modelProfiles, defaultSpeedProfile, defaultToolLatency]));
}
