/** The runner for JavaScript in a remote machine: with the rights and in the home of the template's default user. */
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { begin, type MachineRunner, wrongEngine } from "./machine-box.ts";

/** In the guest's home folder, to which the SDK's relative paths lead; a template may start commands elsewhere. */
const folder = ".mcp-code-bench";

const checkNode = `version=$(node --version 2>&1)
case $version in v2[4-9].*|v[3-9][0-9].*) ;; *) echo "$version" >&2; exit ${wrongEngine};; esac`;

/**
 * Becomes the leader of its process group. It ends the group of `previous`, the runner before, which costs no request of
 * its own. What a program started in another group lives on, as the same user as the next runner: it can trace that, or
 * speak for it. So between the programs of one session nothing is isolated here; between sessions the machines are.
 */
function startCommand(memoryBytes: number, previous: number | undefined): string {
  const environment = Object.entries(runnerEnvironment).map(([name, value]) => `${name}=${value}`);
  return [
    ...(previous === undefined ? [checkNode] : [`kill -9 -- -${previous} 2>/dev/null`]),
    `cd && mkdir -p ${folder}/workspace && cd ${folder}/workspace || exit`,
    // E2B starts commands in its own group. The fifth field of proc_pid_stat(5): for a leader, setsid would fork, and the
    // runner have another number than the command.
    `read -r _ _ _ _ group _ </proc/$$/stat; [ "$group" = $$ ] || lead=setsid`,
    `echo; echo ${begin}`,
    `exec $lead env -i PATH="$PATH" ${environment.join(" ")} node ${nodeArguments(memoryBytes).join(" ")} ../runner.cjs lines`,
  ].join("\n");
}

export async function nodeRunner(memoryBytes: number): Promise<MachineRunner> {
  const { source } = await runnerBundle();
  return {
    install: (machine) => machine.files.write(`${folder}/runner.cjs`, source),
    startCommand: (previous) => startCommand(memoryBytes, previous),
    needs: {
      engine: "Node 24 or later",
      question: "node --version",
      fix: `Build one with the e2b package, Template.build(Template().fromNodeImage("24"), "node-24"), and set E2B_TEMPLATE=node-24.`,
    },
  };
}
