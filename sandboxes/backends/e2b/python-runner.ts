/**
 * The runner for Python in a remote machine. Programs also name files by absolute paths, and see the whole disk. So the
 * workspace is /workspace, root owns what they may only read, and they run as nobody, who cannot become root.
 */
import type { OpenOptions } from "../../../contract/index.ts";
import { becomeNobody as becomeGuest } from "../../host/runner/box-limits.ts";
import { runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { pythonArguments, pythonRunner } from "../../host/runner/python-files.ts";
import { readDataFolders } from "../../host/session/data-folders.ts";
import { treeRoot } from "../../host/session/session-tree.ts";
import { boxWorkspace } from "../../runner/process/supervisor.ts";
import { begin, type MachineRunner, wrongEngine } from "./machine-box.ts";

const runnerFolder = "/opt/mcp-code-bench/python";

/** Becomes nobody, for good: sudo gives nothing then. Found in the PATH of the template. */
export const becomeNobody: readonly string[] = ["setpriv", ...becomeGuest.slice(1)];

/** Run as the guest's user, who may not read every place where Python can lie. */
const checkPython = `version=$(${becomeNobody.join(" ")} python3 --version 2>&1)
case $version in "Python 3.1"[1-9]*|"Python 3."[2-9][0-9]*) ;; *) echo "$version" >&2; exit ${wrongEngine};; esac`;

function startCommand(): string {
  const environment = Object.entries(runnerEnvironment).map(([name, value]) => `${name}=${value}`);
  return [
    checkPython,
    `mkdir -p ${boxWorkspace}/${treeRoot} && cd ${boxWorkspace} && chmod -R go=rX ${runnerFolder} . || exit`,
    // The sticky bit: in a folder of root's, others remove and rename only what is their own.
    "chmod 1777 . || exit",
    `echo; echo ${begin}`,
    `exec env -i PATH="$PATH" ${environment.join(" ")} ${becomeNobody.join(" ")} python3 ${pythonArguments.join(" ")} ${runnerFolder} lines`,
  ].join("\n");
}

/** Adds the tree and the data, which the machine makes read-only. Rejects with LIMIT for too much data. */
export async function pythonMachineRunner({ files, data = [] }: OpenOptions): Promise<MachineRunner> {
  const dataFiles = [...(await readDataFolders(data))].flatMap(([path, bytes]) =>
    bytes === null ? [] : [{ path: `${boxWorkspace}/${path}`, data: new Blob([new Uint8Array(bytes)]) }],
  );
  const tree = [...files].filter(([path]) => path.startsWith(`${treeRoot}/`));
  const entries = [
    ...[...pythonRunner().files].map(([path, text]) => ({ path: `${runnerFolder}/${path}`, data: text })),
    ...tree.map(([path, text]) => ({ path: `${boxWorkspace}/${path}`, data: text })),
    ...dataFiles,
  ];
  return {
    user: "root",
    install: (machine) => machine.files.write(entries, { user: "root" }),
    startCommand,
    needs: {
      engine: "Python 3.11 or newer",
      question: "python3 --version",
      fix: `Build one with the e2b package, Template.build(Template().fromPythonImage("3.13"), "python-3-13"), and set E2B_TEMPLATE=python-3-13.`,
    },
  };
}
