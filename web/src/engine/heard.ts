// Whether something happened that the page was not told of. Each answer of a server and each of its
// events names an edition, another one after each event (src/chainrule/explorer/session.py).

export class Heard {
  /** The edition up to which the page knows of everything; null before it knows anything. */
  private edition: string | null = null;
  private begun = "";
  private streams = 0;
  private failed = false;

  /**
   * Called when a question is asked. Gives what is to be called with the edition of its answer, or
   * null if there was none; that says whether the answer may be older than what the page was told.
   */
  asks(): (edition: string | null) => boolean {
    const { streams } = this;
    return (edition) => {
      if (edition === null) this.failed = true;
      else if (streams === this.streams) this.edition ??= edition;
      else return edition !== this.begun; // of before the stream, whose beginning it did not see
      return false;
    };
  }

  /** An event came. */
  hears(edition: string): void {
    this.edition = edition;
  }

  /** A stream begins: every event after `edition` will come. Says whether some were missed. */
  begins(edition: string): boolean {
    const missed = this.failed || (this.edition ?? edition) !== edition;
    this.edition = this.begun = edition;
    this.streams += 1;
    this.failed = false;
    return missed;
  }
}
