/** What every backend of agents does alike: keeps its open sessions, and ends them when it is disposed of. */
import { BenchError, type OpenOptions, type Session } from "../../bench/types/index.ts";
import type { AgentBox } from "./box.ts";
import { openAgentSession, type WorkspaceFiles } from "./session.ts";

export interface AgentSessions {
  /** Makes a box and opens a session in it; the first agent writes `files`. Rejects with ABORTED before anything is made. */
  open(options: OpenOptions, files: WorkspaceFiles, makeBox: () => Promise<AgentBox>): Promise<Session>;
  dispose(): Promise<void>;
}

export function agentSessions(sandbox: string): AgentSessions {
  const boxes = new Set<AgentBox>();
  const sessions = new Set<Session>();
  return {
    async open(options, files, makeBox) {
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      const box = await makeBox();
      boxes.add(box);
      let session: Session | undefined;
      const onClosed = () => {
        boxes.delete(box);
        if (session !== undefined) sessions.delete(session);
      };
      session = await openAgentSession({ sandbox, box, open: options, files, onClosed });
      sessions.add(session);
      return session;
    },
    async dispose() {
      await Promise.all([...sessions].map((session) => session.close()));
      await Promise.all([...boxes].map((box) => box.destroy()));
    },
  };
}
