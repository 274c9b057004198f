/** The one argument of the processes that Pyodide runs in, as JSON. */
import type { DataFolder } from "../../../contract/index.ts";

export interface InterpreterSettings {
  /** Real path of Pyodide's module: the process may not read the links that lead there. */
  readonly engineUrl: string;
  /** Folder of the runner's Python files. */
  readonly runnerFolder: string;
  /** What Pyodide does by default: the guest gets every global object of its process as module `js`. */
  readonly exposeJavaScript: boolean;
}

export interface GuestSettings extends InterpreterSettings {
  /** File of the memory that it starts from; `null`: it starts afresh. */
  readonly snapshotFile: string | null;
  /** Folder that holds `servers/`. */
  readonly treeFolder: string;
  readonly data: readonly DataFolder[];
  /** What programs may add to the memory that Python starts with, and write to the files. */
  readonly memoryBytes: number;
}
