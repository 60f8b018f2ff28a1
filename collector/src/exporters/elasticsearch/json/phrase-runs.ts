import { Phrase } from './phrase.js';

/** Of what comes behind a phrase so many are known at once. */
const MAX_NEXT = 8;
/** What is longer is written at once as it is. */
const MAX_BYTES = 1024;
/** So many are made, then it begins anew. */
const MAX_RUNS = 4096;

/**
 * Phrases that mostly follow each other, each run of them as one phrase: documents that are alike are written in a few pieces. A run is
 * made when it comes for the second time.
 *
 *   flags ─▶ flags+trace_id
 *   gold ─▶ gold+flags ─▶ gold+flags+trace_id
 */
export class PhraseRuns {
  private made = 0;
  /** What runs are kept of; another one when it begins anew. */
  private all: object = {};

  /** `front` with `last` behind it; null where both go by themselves. */
  join(front: Phrase, last: Phrase): Phrase | null {
    if (front.of !== this.all) {
      front.next = [];
      front.runs = [];
      front.of = this.all;
    }
    const { next, runs } = front;
    let known = next.length - 1;
    while (known >= 0 && next[known] !== last) known--;
    if (known >= 0 && runs[known] !== last) {
      front.then = last;
      return (front.run = runs[known]);
    }
    if (front.length + last.length > MAX_BYTES) return null;
    if (known < 0) {
      // It stands for itself until it comes again.
      const place = next.length < MAX_NEXT ? next.length : this.made % MAX_NEXT;
      next[place] = runs[place] = last;
      return null;
    }
    if (++this.made > MAX_RUNS) {
      this.made = 0;
      this.all = {};
      return null;
    }
    const bytes = new Uint8Array(front.length + last.length);
    bytes.set(front.bytes);
    bytes.set(last.bytes, front.length);
    return (runs[known] = new Phrase(bytes, front, last));
  }
}
