/** The pages name files, headings and folders. Each has to be there: a move would otherwise leave its name behind. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const inProject = (pattern: string): string[] =>
  globSync(pattern, { cwd: root, exclude: (path) => /(^|\/)(node_modules|results|dist|\..+)$/.test(path) });
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The changelog tells of files as they were. */
const pages = inProject("**/*.md").filter((path) => path !== "CHANGELOG.md");

/** Anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

test.each(pages)("%s: every link leads to a file and a heading", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)(?<path>[^)#]*)(?:#(?<anchor>[^)]*))?\)/g)];
  const broken = links.filter(({ groups }) => {
    const { path = "", anchor } = { ...groups };
    const target = path === "" ? page : join(dirname(page), path);
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test.each(["CONTRIBUTING.md", "README.md", ...pages.filter((page) => page.startsWith("docs/"))])(
  "%s: every path of the project in it exists",
  (page) => {
    const folders = "bench|contract|docs|examples|fixtures|machine|mock-mcp-servers|reports|sandboxes|scenarios|scripts|testing";
    const named = [...read(page).matchAll(new RegExp(`\`(?<path>(?:${folders})/[\\w./*-]*)\``, "g"))];
    expect(named.map(({ groups }) => groups?.path ?? "").filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual(
      [],
    );
  },
);

test("every page that a message or a comment names is there", () => {
  const sources = inProject(
    "{bench,contract,examples,fixtures,machine,mock-mcp-servers,reports,sandboxes,scenarios,scripts}/**/*.{ts,mjs,cjs}",
  );
  expect(sources.length).toBeGreaterThan(100);
  const named = sources.flatMap((source) =>
    [...read(source).matchAll(/\bdocs\/[\w-]+\.md\b/g)].map(([page]) => `${source}: ${page}`),
  );
  expect(named.filter((line) => !existsSync(join(root, line.slice(line.indexOf(": ") + 2))))).toEqual([]);
});
