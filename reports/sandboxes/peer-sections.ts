/** Executors of other projects: tables of their own, since a peer has no sessions that could stand in a backend's. */
import { isPeerKind } from "../../contract/sandbox-measurement.ts";
import { dispensableFigures, figureCells, figureHead, type Section } from "./section.ts";
import type { BenchSummary } from "./summarise.ts";

const title = "Executors of other projects";

const shownFigures: readonly { readonly id: string; readonly title: string; readonly about: string }[] = [
  {
    id: "firstExecutionMs",
    title: "first execution",
    about: "The first one of this run: processes are started, engines loaded. Once a run, so n = 1.",
  },
  {
    id: "executionMs",
    title: "whole execution",
    about: "From handing over a program that only returns 2 to its result; not the first one. There is no session to reuse.",
  },
  {
    id: "roundTripMs",
    title: "tool round trip",
    about:
      "From one tool call's arrival at the host to the next one's: 1,000 in a row of one program, each answered at once; the host's clock. Intervals draw whole executions.",
  },
];

export function peerSections({ peers, unavailablePeers, problems }: BenchSummary): Section[] {
  const failures = problems.filter(({ kind }) => isPeerKind(kind));
  const listed: Section = {
    title,
    about:
      "No backends: one program, tools, a result, with no session, files or limits of ours. Each is run as its authors ship it, in the same shuffled order as the backends, and stands in no row of theirs.",
    table: {
      head: ["executor", "version", "configuration"],
      rows: peers.map(({ peer }) => [peer.id, peer.version, peer.configuration]),
    },
  };
  const failed: Section = {
    title: `${title}: failed`,
    about: "",
    table: {
      head: ["executor", "job", "times", "the first"],
      rows: failures.map(({ sandbox, kind, jobs, message }) => [sandbox, kind, String(jobs), message]),
    },
  };
  const missing: Section = {
    title: `${title}, not available on this machine`,
    about: "",
    table: { head: ["executor", "reason", "fix"], rows: unavailablePeers.map(({ id, reason, fix }) => [id, reason, fix]) },
  };
  return [
    ...(peers.length === 0 ? [] : [listed, ...shownFigures.map((shown) => figureSection(shown, peers))]),
    ...(failures.length === 0 ? [] : [failed]),
    ...(unavailablePeers.length === 0 ? [] : [missing]),
  ];
}

function figureSection(shown: (typeof shownFigures)[number], peers: BenchSummary["peers"]): Section {
  return {
    title: `${title}: ${shown.title}, ms`,
    about: shown.about,
    table: {
      head: ["executor", ...figureHead],
      dispensable: dispensableFigures,
      rows: peers.map(({ peer, figures }) => {
        const figure = figures.find(({ id }) => id === shown.id);
        return [peer.id, ...(figure === undefined ? ["-", "not measured", "", "", "", "", "", ""] : figureCells(figure))];
      }),
    },
  };
}
