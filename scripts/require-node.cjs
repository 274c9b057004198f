// Every npm script runs this first: the sources need Node 24's built-in type stripping, and an old Node
// fails on them with a syntax error that names no cure. Plain CommonJS, so that any Node can parse it.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    "mcp-code-bench needs Node 24 or newer, and this is " +
      process.version +
      ".\n" +
      "Run `npm ci`: it brings a pinned Node 24 for the repository's own scripts on Linux (x64, arm64), macOS (x64) and Windows (x64).\n" +
      "On another platform install Node 24 (https://nodejs.org) and run the command again.",
  );
  process.exit(2);
}
