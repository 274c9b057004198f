/**
 * `fetch` for remote servers. The SDK reads their answers whole, so a server that sends without end would fill the host's
 * memory.
 */

/** Ends the body with an error once one message goes past `maxBytes`: the whole body, or one event of an event stream. */
export function boundedFetch(maxBytes: number): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const events = headers.get("content-type")?.startsWith("text/event-stream") === true;
    return new Response(response.body.pipeThrough(bounded(maxBytes, events)), { status, statusText, headers });
  };
}

function bounded(maxBytes: number, events: boolean): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  let last = "";
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (events) {
        // An empty line ends an event; it may be cut by two chunks. Latin-1 keeps one character a byte.
        const text = last + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
        const end = Math.max(text.lastIndexOf("\n\n"), text.lastIndexOf("\n\r\n"));
        if (end !== -1) bytes = text.length - end;
        last = text.slice(-2);
      }
      if (bytes <= maxBytes) controller.enqueue(chunk);
      else controller.error(new Error(`one message is over ${maxBytes} bytes`));
    },
  });
}
