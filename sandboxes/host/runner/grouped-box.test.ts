/** A backend as somebody outside writes one, with the package's own names: its command forks before it starts the runner. */
import { expect, test } from "vitest";
import {
  allFiles,
  controlGroups,
  groupedBox,
  nodeArguments,
  runnerBundle,
  runnerEnvironment,
  runnerSessions,
  type SandboxFactory,
  sessionFolder,
} from "../../../bench/index.ts";
import { fakeSandbox } from "../../../testing/fake-sandbox.ts";
import { checksOf } from "../../checks/checks.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";

const id = "forks";
const groups = controlGroups();
const availability = groups.available();
const why = availability.status === "available" ? "" : ` (unavailable here: ${availability.reason})`;

const forks: SandboxFactory = (host) => {
  const sessions = runnerSessions(id);
  return {
    ...fakeSandbox({ id, enforces: ["memory", "processes"], sweep: groups.sweep }),
    open: async (options) =>
      sessions.open(options, await allFiles(options), async () => {
        const runner = await runnerBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        const node = [host.nodePath, ...nodeArguments(options.memoryBytes), runner.file, "stdio"];
        const group = groups.make({ memoryBytes: options.memoryBytes + 96 * 2 ** 20, maxProcesses: 64, cpus: 1 });
        return groupedBox(group, {
          sandbox: id,
          command: ["/bin/sh", "-c", '"$0" "$@"; exit $?', ...node],
          folder: folder.path,
          env: runnerEnvironment,
          clean: folder.remove,
        });
      }),
    dispose: sessions.dispose,
  };
};

test.skipIf(why !== "")(`what a command forks is inside its control group, in every session${why}`, async () => {
  const { sandbox, tmpDir, dispose } = testSandbox(forks);
  try {
    for (const wanted of ["memory-buffers", "processes", "next-program", "nothing-left"]) {
      const check = checksOf.javascript.find((one) => one.id === wanted);
      await expect(check?.run({ sandbox, tmpDir, canaryFile: "" }), wanted).resolves.toBeUndefined();
    }
  } finally {
    await dispose();
  }
});
