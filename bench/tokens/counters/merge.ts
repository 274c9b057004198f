/**
 * Byte-pair merging, exact on pieces of any length. The usual merge scans all pairs for every step, which is quadratic:
 * 20,000 times one letter take a tenth of a second, and a megabyte never ends. Short pieces are merged that way here
 * too, because nothing is faster below a hundred bytes; longer ones go through a heap over a linked list.
 */

/** Token to rank. A token is a byte string: one character in U+0000..U+00FF for each byte. */
export type Ranks = ReadonlyMap<string, number>;

/** From this many bytes on, the heap is faster than scanning. */
const heapFromBytes = 96;
const noRank = 0x7fffffff;

const scratchStarts = new Int32Array(heapFromBytes + 2);
const scratchRanks = new Int32Array(heapFromBytes + 2);

/**
 * Merges one piece (a byte string that is not itself a token) and returns its number of tokens; with `ids`, pushes
 * their ranks too. The pair of lowest rank merges first, the leftmost of equal ones.
 */
export function mergePiece(piece: string, ranks: Ranks, ids?: number[]): number {
  return piece.length < heapFromBytes ? mergeByScan(piece, ranks, ids) : mergeByHeap(piece, ranks, ids);
}

function mergeByScan(piece: string, ranks: Ranks, ids: number[] | undefined): number {
  const starts = scratchStarts;
  const pairRanks = scratchRanks;
  let parts = piece.length;
  for (let i = 0; i <= parts; i++) {
    starts[i] = i;
    pairRanks[i] = i + 2 <= parts ? (ranks.get(piece.slice(i, i + 2)) ?? noRank) : noRank;
  }
  const rankAt = (i: number): number => (i + 2 <= parts ? (ranks.get(piece.slice(starts[i], starts[i + 2])) ?? noRank) : noRank);
  while (parts > 1) {
    let lowest = noRank;
    let at = -1;
    for (let i = 0; i < parts - 1; i++) {
      const rank = pairRanks[i] as number;
      if (rank < lowest) {
        lowest = rank;
        at = i;
      }
    }
    if (at < 0) break;
    starts.copyWithin(at + 1, at + 2, parts + 1);
    pairRanks.copyWithin(at, at + 1, parts + 1);
    parts--;
    pairRanks[at] = rankAt(at);
    if (at > 0) pairRanks[at - 1] = rankAt(at - 1);
  }
  if (ids) for (let i = 0; i < parts; i++) ids.push(ranks.get(piece.slice(starts[i], starts[i + 1])) as number);
  return parts;
}

/** Keys sort by rank, then position: `rank * 2^31 + start`, exact in a double because ranks stay under 2^22. */
const positions = 2 ** 31;

function mergeByHeap(piece: string, ranks: Ranks, ids: number[] | undefined): number {
  const n = piece.length;
  const next = new Int32Array(n + 1);
  const previous = new Int32Array(n + 1);
  /** Rank of the pair that starts here; -1 once the start was merged away. */
  const pairRanks = new Int32Array(n + 1).fill(noRank);
  /** Every merge takes one key out and puts at most two in. */
  const heap = new Float64Array(2 * n + 2);
  let size = 0;

  const push = (key: number): void => {
    let child = size++;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= key) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = key;
  };
  const pop = (): number => {
    const top = heap[0] as number;
    const key = heap[--size] as number;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && (heap[child + 1] as number) < (heap[child] as number)) child++;
      const below = heap[child] as number;
      if (below >= key) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = key;
    return top;
  };
  /** Looks the pair at `start` up again and queues it. Keys of its earlier ranks stay queued and are skipped. */
  const rankPair = (start: number): void => {
    const middle = next[start] as number;
    const rank = middle < n ? (ranks.get(piece.slice(start, next[middle])) ?? noRank) : noRank;
    pairRanks[start] = rank;
    if (rank !== noRank) push(rank * positions + start);
  };

  for (let i = 0; i <= n; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i < n - 1; i++) rankPair(i);
  let parts = n;
  while (size > 0) {
    const key = pop();
    const rank = Math.floor(key / positions);
    const start = key - rank * positions;
    if (pairRanks[start] !== rank) continue;
    const middle = next[start] as number;
    const end = next[middle] as number;
    next[start] = end;
    previous[end] = start;
    pairRanks[middle] = -1;
    parts--;
    rankPair(start);
    if (start > 0) rankPair(previous[start] as number);
  }
  if (ids) for (let i = 0; i < n; i = next[i] as number) ids.push(ranks.get(piece.slice(i, next[i])) as number);
  return parts;
}
