/** One program of the corpus. */
export interface CorpusProgram {
  readonly id: string;
  readonly source: string;
  readonly virtualTime?: boolean;
}
