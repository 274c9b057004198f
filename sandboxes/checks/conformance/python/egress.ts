/** What a Python guest reaches of the network: what its session was granted, and nothing else. */
import { type ConformanceCheck, memoryBytes } from "../context.ts";
import { anyEgress, declaresEgress, requestsTo, withOutside } from "../egress.ts";
import { wantRefusal, wantReturn, wantSame } from "../wanted.ts";
import { pythonFiles, runPython } from "./context.ts";

export const pythonEgress: readonly ConformanceCheck[] = [
  {
    id: "egress",
    title: "a session's guest reaches what it was granted by the methods that were granted, and all is logged; or it is refused",
    async run({ sandbox }) {
      const open = { language: "python", files: pythonFiles, memoryBytes } as const;
      if (sandbox.egress !== true)
        return wantRefusal("open with egress", sandbox.open({ ...open, egress: anyEgress }), "NO_EGRESS");
      await withOutside(async (outside) => {
        const { requests, logged, seen } = requestsTo(outside);
        const session = await sandbox.open({ ...open, egress: outside.egress });
        const source = `for method, url in ${JSON.stringify(requests)}:
    try:
        answer = await fetch(url, method=method, body=None if method == "GET" else "body")
        print(answer.status, answer.text())
    except OSError as e:
        print(type(e).__name__, e)`;
        const outcome = await runPython(session, source);
        await session.close();
        const refused = Array(5).fill("OSError fetch failed: not granted");
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
        const source = `import builtins, socket
places = [(socket.AF_INET, ("127.0.0.1", port)) for port in (${port}, ${otherPort})]
places += [(socket.AF_UNIX, path) for path in ${JSON.stringify(sockets)}]
for family, place in places:
    try:
        socket.socket(family).connect(place)
        print("reached")
    except OSError:
        print("not reached")
print(hasattr(builtins, "fetch"))`;
        for (const given of [egress, undefined]) {
          const options = { language: "python", files: pythonFiles, memoryBytes } as const;
          const session = await sandbox.open(given === undefined ? options : { ...options, egress: given });
          const outcome = await runPython(session, source);
          await session.close();
          const wanted = [...Array(2 + sockets.length).fill("not reached"), given === undefined ? "False" : "True"];
          wantReturn(outcome, wanted.join("\n"));
        }
        wantSame("requests and connections that came", [outside.asked, outside.trespasses(), outside.log()], [[], 0, []]);
      }),
  },
];
