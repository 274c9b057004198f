/** Paths that the host is given; apart from the guest's, so that code beside a guest loads nothing of the host's. */
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
