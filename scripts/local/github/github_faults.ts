// What goes wrong with fetches at the GitHub stand-in, as a test wants it. Knows no HTTP and does nothing
// itself.

/** The faults that are due. Without any, all goes well. */
export class GitHubFaults {
  /** The status that a fetch is answered with, whoever asks; null: it is served. */
  refusal: number | null = null;
  /** After so many bytes the answer to a fetch breaks off; null: it is whole. */
  bytesMax: number | null = null;
  /** Fetches that have met one. */
  count = 0;

  /** From now on all goes well again. */
  clear(): void {
    this.refusal = null;
    this.bytesMax = null;
  }
}
