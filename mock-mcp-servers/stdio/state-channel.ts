/**
 * How a child process of ours gives its server's state: over Node's IPC channel, a file descriptor of its own, so that
 * it never mixes with the protocol on stdout.
 */
import type { ChildProcess } from "node:child_process";
import { z } from "zod";
import type { Json } from "../../contract/index.ts";

/** Parent to child. Answers carry the same number. */
export interface StateRequest {
  readonly stateRequest: number;
}

/** Child to parent. */
export interface StateAnswer {
  readonly stateRequest: number;
  readonly state: Json;
}

const request = z.object({ stateRequest: z.int() });
const answer = z.object({ stateRequest: z.int(), state: z.json() });

/** Child's side: answers every request with the state as it is then. Ignores other messages. */
export async function answerStateRequest(
  message: unknown,
  state: () => Promise<Json>,
  send: (answer: StateAnswer) => void,
): Promise<void> {
  const parsed = request.safeParse(message);
  if (parsed.success) send({ ...parsed.data, state: await state() });
}

let requests = 0;

/** Parent's side. Rejects when the channel closes before the answer: the child is gone. */
export function requestState(child: ChildProcess): Promise<Json> {
  const stateRequest = ++requests;
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      const parsed = answer.safeParse(message);
      if (parsed.success && parsed.data.stateRequest === stateRequest) settle(() => resolve(parsed.data.state as Json));
    };
    const onGone = () => settle(() => reject(new Error("the process ended before it gave its state")));
    const settle = (how: () => void) => {
      child.off("message", onMessage).off("disconnect", onGone);
      how();
    };
    child.on("message", onMessage).once("disconnect", onGone);
    if (!child.connected) onGone();
    else child.send({ stateRequest } satisfies StateRequest, (error) => (error === null ? undefined : onGone()));
  });
}
