import { expect, test } from "vitest";
import { printable, redactor, secretArguments } from "./redact.ts";

test("secrets go, the longest first and line by line; short values stay", () => {
  const redact = redactor(["abcdef", "abcdefghij", "on", "first line\nsecond line"]);
  expect(redact("abcdefghij abcdef on second line")).toBe("[redacted] [redacted] on [redacted]");
});

test("a password inside a URL goes without being known", () => {
  expect(redactor([])("postgres://me:pw@db/x http://host/a@b")).toBe("postgres://[redacted]@db/x http://host/a@b");
});

test("arguments after a secret flag are secrets", () => {
  expect(secretArguments(["--api-key", "k1", "--auth-token=k2", "API_KEY=k3", "--dir", "data", "-v"])).toEqual([
    "k1",
    "k2",
    "k3",
  ]);
});

test("terminal codes, control characters and direction overrides go; line ends and tabs stay", () => {
  expect(printable("\u001b[31mred\u001b[0m\r\n\tbell\u0007 \u202eback\u0000")).toBe("red\n\tbell back");
});
