/** Paths from callers on the host. A file of its own, so that code beside a guest loads nothing of the host. */
import { BenchError } from "../../contract/index.ts";
import { FileFault, relativePath } from "./workspace.ts";

/** `relativePath` for callers on the host. Throws PATH_OUTSIDE_WORKSPACE. */
export function hostPath(path: string): string {
  try {
    return relativePath(path);
  } catch (cause) {
    if (cause instanceof FileFault) throw new BenchError("PATH_OUTSIDE_WORKSPACE", { path }, { cause });
    throw cause;
  }
}
