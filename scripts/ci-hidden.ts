/**
 * Fails unless the list of sandboxes on standard input says that those are unavailable which need more than npm: then
 * `.ci/bare` hid what it should have.
 */
import { exit, platform, stdin } from "node:process";
import { json } from "node:stream/consumers";
import { backendsOf, needSetup } from "./required-backends.ts";

interface Listed {
  readonly id: string;
  readonly availability: { readonly status: string };
}

const listed = (await json(stdin)) as readonly Listed[];
const statusOf = (id: string) => listed.find((sandbox) => sandbox.id === id)?.availability.status ?? "not listed";
const seen = needSetup.filter((id) => statusOf(id) !== "unavailable");
for (const id of seen) console.error(`Sandbox "${id}" is ${statusOf(id)}: what it needs is not hidden. Mend .ci/bare.`);
const lost = backendsOf(platform).filter((id) => !needSetup.includes(id) && statusOf(id) !== "available");
for (const id of lost)
  console.error(`Sandbox "${id}" is ${statusOf(id)}: it needs nothing but npm. Mend .ci/bare, or the backend.`);
if (seen.length === 0 && lost.length === 0) console.log(`hidden: what ${needSetup.join(", ")} need`);
exit(seen.length + lost.length === 0 ? 0 : 1);
