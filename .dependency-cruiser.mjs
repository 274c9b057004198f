/**
 * Who may import whom: the floors of the house, and where Node's own modules belong. Imports that are only of types
 * count too. `npm run check` holds it; a test may import anything.
 */

const test = "\\.test\\.ts$";

/** From the ground up. Rooms on one floor do not import each other. A room is a folder or a file. */
const floors = [
  {
    under: "",
    rooms: [
      ["contract/"],
      ["machine/"],
      ["fixtures/"],
      ["mock-mcp-servers/", "sandboxes/", "reports/"],
      ["scenarios/"],
      ["bench/"],
      ["testing/"],
      ["scripts/"],
    ],
  },
  {
    under: "sandboxes/",
    rooms: [
      ["guest/", "guest-files.ts"],
      ["workspace/"],
      ["wire/"],
      ["runner/"],
      ["started-code.ts"],
      ["host/"],
      ["backends/"],
      ["checks/", "not-here.ts"],
      ["registry.ts"],
    ],
  },
  {
    under: "bench/",
    rooms: [
      ["servers/", "tokens/", "records/"],
      ["play/"],
      ["run/"],
      ["config/", "gate/", "measure/"],
      ["cli/"],
      ["registries.ts"],
      ["host.ts"],
      ["playing.ts"],
      ["index.ts"],
      ["main.ts"],
      ["bin.mjs"],
    ],
  },
];

const pattern = (under, rooms) => `^${under}(${rooms.join("|").replaceAll(".", "\\.")})`;

/** One rule a room: it imports nothing of its own floor or of one above. */
const houseRules = floors.flatMap(({ under, rooms: floorsUp }) =>
  floorsUp.flatMap((rooms, level) =>
    rooms.flatMap((room) => {
      const others = floorsUp.slice(level).flat();
      const shut = others.filter((other) => other !== room);
      if (shut.length === 0) return [];
      return {
        name: `${under}${room} imports only what is below it`,
        severity: "error",
        from: { path: pattern(under, [room]), pathNot: test },
        to: { path: pattern(under, shut) },
      };
    }),
  ),
);

/** A new folder is given a floor above. */
const floorless = floors.map(({ under, rooms }) => ({
  name: `everything in ${under || "the house"} has a floor`,
  severity: "error",
  from: { path: `^${under}[^/]+${under === "" ? "/" : ""}`, pathNot: [test, pattern(under, rooms.flat())] },
  to: {},
}));

/** A module of Node's, with or without what it is called under: `fs` and `fs/promises`. */
const builtin = (...names) => ({ dependencyTypes: ["core"], path: `^(node:)?(${names.join("|")})(/|$)` });

/** `owners` may import these modules; nobody else. */
const belongs = (name, owners, ...modules) => ({
  name,
  severity: "error",
  from: { pathNot: [test, "^testing/", "^scripts/", "^vitest\\.config\\.ts$", ...owners] },
  to: builtin(...modules),
});

export default {
  forbidden: [
    ...houseRules,
    ...floorless,
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "what only tests need is imported by tests",
      severity: "error",
      from: { pathNot: [test, "^testing/", "^scripts/"] },
      to: { path: ["^testing/", test] },
    },
    belongs(
      "processes and threads are started and spoken to where they belong",
      ["^machine/", "^sandboxes/(host|backends|runner|checks)/", "^mock-mcp-servers/stdio/", "^bench/cli/"],
      "child_process",
      "worker_threads",
      "cluster",
    ),
    belongs(
      "a process is touched by its entry, and by what owns processes",
      [
        "^machine/",
        "^sandboxes/(host|backends|runner|checks)/",
        "^sandboxes/started-code\\.ts$",
        // Locks name their owner's process; load is measured in this process's memory.
        "^bench/records/(record|folder-lock)\\.ts$",
        "^bench/measure/jobs/load\\.ts$",
        // Callers of the public API have no entry of ours.
        "^bench/host\\.ts$",
      ],
      "process",
    ),
    {
      name: "what is pure reads and writes no file",
      severity: "error",
      from: {
        path: "^(contract|fixtures|reports|scenarios|bench/(tokens|gate))/",
        pathNot: [
          test,
          // A guest's files, a real server's folder, and the vocabularies that come as files.
          "/programs/",
          "^scenarios/csv-summary-real/filesystem-server\\.ts$",
          "^bench/tokens/counters/vocabulary\\.ts$",
        ],
      },
      to: builtin("fs", "child_process", "net", "http", "https", "http2", "os", "process"),
    },
    {
      name: "time arrives as an argument",
      severity: "error",
      from: { pathNot: [test, "^testing/", "^scripts/"] },
      to: builtin("perf_hooks"),
    },
    {
      name: "imports are found",
      severity: "error",
      from: {
        // Their imports are made as they are played, or embedded as they are built.
        pathNot: ["/programs/", "^sandboxes/backends/workerd/", "^sandboxes/checks/executors/codemode/worker\\.ts$"],
      },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types that are imported, too. TypeScript 7 has no JavaScript API, so `typescript` is version 6 here, for this
    // linter alone; tsc is version 7 (@typescript/native).
    parser: "tsc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|\\.generated|examples)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".cjs", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
