/** What the backend tells the processes that Pyodide runs in, as JSON in their one argument. */
import type { DataFolder } from "../../../contract/index.ts";

export interface InterpreterSettings {
  /** Of Pyodide's module, where links lead: the process may read nothing on the way. */
  readonly engineUrl: string;
  /** Folder of the runner's Python files. */
  readonly runnerFolder: string;
  /** What Pyodide does by default: the guest gets every global object of its process as module `js`. */
  readonly exposeJavaScript: boolean;
}

export interface GuestSettings extends InterpreterSettings {
  /** The memory that it goes on from, a file; `null`: it starts its own. */
  readonly snapshotFile: string | null;
  /** Folder that holds `servers/`. */
  readonly treeFolder: string;
  readonly data: readonly DataFolder[];
  /** What programs may add to the memory that Python starts with, and write to the files. */
  readonly memoryBytes: number;
}
