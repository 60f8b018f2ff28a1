/** Room for samples; what it holds is only to be looked at where something was written. */
export interface Page {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The values' bits. */
  readonly words: Uint32Array;
}

/** The largest page that is taken for samples of several series, and the only one that is used again: a megabyte. */
export const PAGE_SAMPLES = 1 << 16;
const MOST_IDLE = 64;

/**
 * Pages that one query after the other uses. Fresh ones cost more than what is written to them: the system gives them zeroed, and V8
 * marks its whole heap after some tens of megabytes. Idle ones are held weakly, so that a garbage collection frees them.
 */
export class SamplePages {
  private readonly idle: WeakRef<Page>[] = [];

  take(samples: number): Page {
    if (samples === PAGE_SAMPLES) {
      for (let page = this.idle.pop(); page !== undefined; page = this.idle.pop()) {
        const known = page.deref();
        if (known !== undefined) return known;
      }
    }
    const values = new Float64Array(samples);
    return { times: new Float64Array(samples), values, words: new Uint32Array(values.buffer) };
  }

  /** Nobody may look at the pages any more. */
  give(pages: readonly Page[]): void {
    for (const page of pages) if (page.times.length === PAGE_SAMPLES && this.idle.length < MOST_IDLE) this.idle.push(new WeakRef(page));
  }
}
