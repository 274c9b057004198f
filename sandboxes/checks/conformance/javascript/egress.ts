/** What a guest reaches of the network: what its session was granted, and nothing else. */
import { type ConformanceCheck, files, memoryBytes, runIn } from "../context.ts";
import { anyEgress, declaresEgress, requestsTo, withOutside } from "../egress.ts";
import { wantRefusal, wantReturn, wantSame } from "../wanted.ts";

export const egressChecks: readonly ConformanceCheck[] = [
  {
    id: "egress",
    title: "a session's guest reaches what it was granted by the methods that were granted, and all is logged; or it is refused",
    async run({ sandbox }) {
      const open = { language: "javascript", files, memoryBytes } as const;
      if (sandbox.egress !== true)
        return wantRefusal("open with egress", sandbox.open({ ...open, egress: anyEgress }), "NO_EGRESS");
      await withOutside(async (outside) => {
        const { requests, logged, seen } = requestsTo(outside);
        const session = await sandbox.open({ ...open, egress: outside.egress });
        const source = `for (const [method, url] of ${JSON.stringify(requests)}) {
  const body = method === "GET" ? undefined : "body";
  await fetch(url, { method, body }).then(async (answer) => console.log(answer.status, await answer.text()), (e) => console.log(e.name, e.message));
}`;
        const outcome = await runIn(session, source);
        await session.close();
        const refused = Array(5).fill("TypeError fetch failed: not granted");
        wantReturn(outcome, ["200 seen: ", "200 seen: body", ...refused].join("\n"));
        wantSame("what reached the granted server", outside.asked, seen);
        wantSame("connections to what was not granted", outside.trespasses(), 0);
        wantSame("the log", outside.log(), logged);
      });
    },
  },
  {
    id: "egress-around",
    title: "nothing is reached but through the proxy, and without egress nothing at all",
    needs: [declaresEgress],
    run: ({ sandbox }) =>
      withOutside(async (outside) => {
        const { port, otherPort, sockets, egress } = outside;
        const places = [
          { port, host: "127.0.0.1" },
          { port: otherPort, host: "127.0.0.1" },
          ...sockets.map((path) => ({ path })),
        ];
        const source = `const net = (globalThis as any).process.getBuiltinModule("node:net");
for (const place of ${JSON.stringify(places)}) {
  const reached = await new Promise((resolve) => {
    try {
      const socket = net.connect(place);
      socket.once("connect", () => { resolve("reached"); socket.destroy(); }).once("error", () => resolve("not reached"));
    } catch { resolve("not reached"); }
  });
  console.log(reached);
}
console.log(typeof fetch);`;
        for (const given of [egress, undefined]) {
          const options = { language: "javascript", files, memoryBytes } as const;
          const session = await sandbox.open(given === undefined ? options : { ...options, egress: given });
          const outcome = await runIn(session, source);
          await session.close();
          const wanted = [...places.map(() => "not reached"), given === undefined ? "undefined" : "function"];
          wantReturn(outcome, wanted.join("\n"));
        }
        wantSame("requests and connections that came", [outside.asked, outside.trespasses(), outside.log()], [[], 0, []]);
      }),
  },
];
