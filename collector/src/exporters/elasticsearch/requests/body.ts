import { gzipped } from '../../http/compression.js';
import { RepeatsGzip } from '../deflate/gzip-repeats.js';
import type { Repeats } from '../deflate/repeats.js';
import type { Documents, Selection } from '../documents/documents.js';
import type { BulkBody } from './bulk.js';

/** At the level that is only to be quick, known repeats are what is compressed with, */
const QUICK_LEVEL = 1;
/** where they are most of the text. */
const ENOUGH = 0.5;

/** Makes the bodies of bulk requests, compressed as set. */
export class BulkBodies {
  private readonly quick = new RepeatsGzip();

  /** @param level of gzip; null: not compressed */
  constructor(private readonly level: number | null) {}

  async of(documents: Documents, some: Selection, repeats: Repeats): Promise<BulkBody> {
    const { level } = this;
    const runs = runsOf(documents, some);
    if (level === QUICK_LEVEL && runs.length === 1 && repeats.bytes > documents.body.length * ENOUGH) {
      return { bytes: this.quick.compress(documents.body, runs[0].from, runs[0].to, repeats), isGzip: true, isLent: true };
    }
    const pieces = runs.map(({ from, to }) => documents.body.subarray(from, to));
    const lines = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    return level === null ? { bytes: lines, isGzip: false, isLent: false } : { bytes: await gzipped(lines, level), isGzip: true, isLent: false };
  }

  /** Takes back a body that nobody reads any more. */
  giveBack({ bytes, isLent }: BulkBody): void {
    if (isLent) this.quick.giveBack(bytes);
  }
}

interface Run {
  readonly from: number;
  to: number;
}

/** Where the lines of the documents are: mostly all that stand between the first and the last. */
function runsOf(documents: Documents, some: Selection): Run[] {
  const runs: Run[] = [];
  let last: Run | null = null;
  for (const n of some) {
    const from = documents.start(n);
    if (last !== null && last.to === from) last.to = documents.end(n);
    else runs.push((last = { from, to: documents.end(n) }));
  }
  return runs;
}
