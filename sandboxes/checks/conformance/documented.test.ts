/** The page for authors of backends names every check, its languages and its limit. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checksOf } from "../checks.ts";

const page = readFileSync(new URL("../../../docs/writing-a-backend.md", import.meta.url), "utf8");

test("docs/writing-a-backend.md has every check, with its languages and its limit", () => {
  const rows = [...page.matchAll(/^\| (?<ids>`[^|]+`) \| (?<languages>J?P?) \| [^|]+ \|(?<limit>[^|]*)\|$/gm)];
  const documented = rows.flatMap(({ groups: { ids = "", languages = "", limit = "" } = {} }) =>
    [...ids.matchAll(/`([^`]+)`/g)].map(([, id]) => `${id} ${languages} ${limit.trim()}`),
  );
  const { javascript, python } = checksOf;
  const ids = new Set([...javascript, ...python].map(({ id }) => id));
  const known = [...ids].map((id) => {
    const inBoth = [javascript, python].map((checks) => checks.find((check) => check.id === id));
    const languages = inBoth.map((check, n) => (check === undefined ? "" : "JP"[n])).join("");
    return `${id} ${languages} ${inBoth.find((check) => check !== undefined)?.limit ?? ""}`;
  });
  expect(documented.toSorted()).toEqual(known.toSorted());
  expect(page).toContain(`${javascript.length} for JavaScript (J), ${python.length} for Python (P)`);
});
