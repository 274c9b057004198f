import { expect, test } from "vitest";
import type { Finding } from "../../contract/index.ts";
import { expectHarmless, formulaTexts, hostileText } from "../../testing/harmless.ts";
import { findingsCsv } from "./findings-csv.ts";

const finding = (own: Partial<Finding> = {}) =>
  ({
    subject: { kind: "backend", id: "quickjs", version: "quickjs 3", configuration: "0123456789ab" },
    ...{ check: "tool-call", title: "a tool", variant: null, language: "javascript", limit: null },
    ...{ verdict: "held", evidence: "", reason: null, host: null },
    ...own,
  }) as Finding;

test("a row for each finding, of backends and executors alike", () => {
  const executor = { kind: "executor", id: "other", version: "other 1", configuration: "as its authors ship it" } as const;
  const csv = findingsCsv([
    finding(),
    finding({ check: "disk", limit: "disk", verdict: "unsupported", reason: "it does not declare the limit disk" }),
    finding({ language: "python", variant: "plain", verdict: "failed", evidence: `wanted: 1, "one"; found 2` }),
    finding({ check: "huge-inputs", host: { stallMs: 12.345, growthBytes: 3 * 2 ** 20 } }),
    finding({ check: "long-names", host: { stallMs: 0, growthBytes: null } }),
    finding({ subject: executor, verdict: "expected-failure", evidence: "x", reason: "it is known" }),
  ]);
  expect(csv).toMatchInlineSnapshot(`
    "kind,subject,version,configuration,check,variant,language,limit,verdict,reason,evidence,hostStallMs,hostGrowthMiB
    backend,quickjs,quickjs 3,0123456789ab,tool-call,,javascript,,held,,,,
    backend,quickjs,quickjs 3,0123456789ab,disk,,javascript,disk,unsupported,it does not declare the limit disk,,,
    backend,quickjs,quickjs 3,0123456789ab,tool-call,plain,python,,failed,,"wanted: 1, ""one""; found 2",,
    backend,quickjs,quickjs 3,0123456789ab,huge-inputs,,javascript,,held,,,12.3,3
    backend,quickjs,quickjs 3,0123456789ab,long-names,,javascript,,held,,,0,
    executor,other,other 1,as its authors ship it,tool-call,,javascript,,expected-failure,it is known,x,,
    "
  `);
});

test("hostile texts are harmless", () => {
  for (const text of [hostileText, ...formulaTexts]) {
    const subject = { kind: "backend", id: text, version: text, configuration: text } as const;
    expectHarmless("csv", findingsCsv([finding({ subject, check: text, variant: text, evidence: text })]));
  }
});
