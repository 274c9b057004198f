/** What the backend tells the process that Pyodide runs in, as JSON in its one argument. */
import type { DataFolder } from "../../bench/types/index.ts";

export interface GuestSettings {
  /** Of Pyodide's module, where links lead: the process may read nothing on the way. */
  readonly engineUrl: string;
  /** Folder of the agent's Python files. */
  readonly agentFolder: string;
  /** Folder that holds `servers/`. */
  readonly treeFolder: string;
  readonly data: readonly DataFolder[];
  /** What programs may add to the memory that Python starts with, and write to the files. */
  readonly memoryBytes: number;
  /** What Pyodide does by default: the guest gets every global object of its process as module `js`. */
  readonly exposeJavaScript: boolean;
}
