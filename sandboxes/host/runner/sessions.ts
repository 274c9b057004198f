/** What all backends of runners share: they keep their open sessions, and end them when they are disposed of. */
import { BenchError, type OpenOptions, type Session } from "../../../contract/index.ts";
import { refuseEgress } from "../egress/session.ts";
import type { RunnerBox } from "./box.ts";
import { openRunnerSession, type WorkspaceFiles } from "./session.ts";

export interface RunnerSessions {
  /**
   * Makes a box and opens a session in it; resolves when its first runner is ready. That runner writes `files` into the
   * workspace: `allFiles(options)`, without what the backend has put there itself. From then on the session owns the box,
   * and destroys it when it is closed, after a limit, or if it cannot be opened. If `makeBox` rejects, it removes what it
   * has made.
   *
   * A backend that carries out egress itself leaves it out of `options` (`withoutEgress`). Rejects with NO_EGRESS if it is
   * there; with ABORTED, before anything is made if the signal was aborted before; with SANDBOX_UNAVAILABLE when no runner
   * gets ready; and with what `makeBox` rejects with.
   */
  open(options: OpenOptions, files: WorkspaceFiles, makeBox: () => Promise<RunnerBox>): Promise<Session>;
  /**
   * Closes every open session, which ends its program as `aborted`, and destroys every box. Idempotent. A backend that
   * keeps nothing else needs no more for its `dispose`.
   */
  dispose(): Promise<void>;
}

/**
 * The sessions of one backend whose guest is a process: all of `Session` over its boxes. They lend the bridge to the run,
 * enforce wall time and output from outside the guest, so that a backend may declare both, and carry out the host's file
 * operations. A JavaScript program has a runner of its own; one runner serves all Python programs of a session. The runner
 * gives its program the guest API, and hides Node's globals but not its modules: the box decides what a guest may reach.
 *
 * @param sandbox id of the backend, for messages
 */
export function runnerSessions(sandbox: string): RunnerSessions {
  const boxes = new Set<RunnerBox>();
  const sessions = new Set<Session>();
  return {
    async open(options, files, makeBox) {
      refuseEgress(sandbox, options);
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      const box = await makeBox();
      boxes.add(box);
      let session: Session | undefined;
      const onClosed = () => {
        boxes.delete(box);
        if (session !== undefined) sessions.delete(session);
      };
      session = await openRunnerSession({ sandbox, box, open: options, files, onClosed });
      sessions.add(session);
      return session;
    },
    async dispose() {
      await Promise.all([...sessions].map((session) => session.close()));
      await Promise.all([...boxes].map((box) => box.destroy()));
    },
  };
}
