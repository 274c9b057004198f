/**
 * The command as its user can type it. Messages say `mcp-code-bench run`, which the package brings. A clone has the same
 * command only as the npm script `cli`, so that is what is printed there.
 */
const named = /\bmcp-code-bench (?=(?:run|gate|list|report|serve|types|COMMAND)(?:[\s.?`]|$)|sandboxes(?: [-[]|[.?`]))/gm;

/** `text` with the commands in it as they are typed where `env` says that npm started this process. */
export function asTyped(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const inClone = env.npm_package_name === "mcp-code-bench" && ["start", "cli"].includes(env.npm_lifecycle_event ?? "");
  return inClone ? text.replaceAll(named, "npm run --silent cli -- ") : text;
}
