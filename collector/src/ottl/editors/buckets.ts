import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { OttlFailure } from '../error.js';
import { typeOf, type OttlValue } from '../values.js';

const METHODS = ['remove_explicit_bound', 'limit_buckets'];
/** Bounds are taken for the same where they differ by less. */
const EPSILON = 1e-12;

interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly bigint[];
}

/** The bucket that ends at the bound and the next one become one; null where there is no such bound. */
function withoutBound({ bounds, counts }: Buckets, bound: number): Buckets | null {
  const at = bounds.findIndex((each) => Math.abs(each - bound) < EPSILON);
  if (at < 0) return null;
  return { bounds: bounds.toSpliced(at, 1), counts: counts.toSpliced(at, 2, counts[at] + counts[at + 1]) };
}

/** As many neighbours become one, from below, as bring them down to `most`; the last may be of fewer. */
function limited({ bounds, counts }: Buckets, most: number): Buckets | null {
  if (counts.length <= most || bounds.some((bound, i) => i > 0 && !(bound > bounds[i - 1]))) return null;
  const together = Math.ceil(counts.length / most);
  const merged: bigint[] = [];
  for (let i = 0; i < counts.length; i++) {
    if (i % together === 0) merged.push(counts[i]);
    else merged[merged.length - 1] += counts[i];
  }
  return { bounds: bounds.filter((_, i) => (i + 1) % together === 0), counts: merged };
}

/** @throws Error */
function positive(value: OttlValue, method: string): number {
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
  if (method === 'limit_buckets' && !(Number.isSafeInteger(number) && number >= 1)) throw new Error(`the number of buckets is a whole one from 1 on, not ${Number.isNaN(number) ? `a ${typeOf(value)}` : number}`);
  if (Number.isNaN(number)) throw new Error(`the bound is a number, not a ${typeOf(value)}`);
  return number;
}

/** Of points that are no histograms, or whose bounds and counts do not fit together, nothing is changed. */
const merge_histogram_buckets = define('merge_histogram_buckets', { target_value: 'number', 'method?': 'word' }, 'nil', (args) => {
  const target = args.value('target_value');
  const method = args.word('method', 'remove_explicit_bound');
  if (!METHODS.includes(method)) throw new Error(`the method is one of ${METHODS.join(', ')}, not '${method}'`);
  const literal = args.literal('target_value');
  if (literal !== undefined) positive(literal, method);
  return (context) => {
    const { explicitBounds: bounds, bucketCounts: counts } = context.point.current;
    if (bounds === undefined || counts === undefined || bounds.length === 0 || counts.length !== bounds.length + 1) return null;
    let value: number;
    try {
      value = positive(target(context), method);
    } catch (error) {
      throw new OttlFailure(`merge_histogram_buckets: ${error instanceof Error ? error.message : String(error)}`);
    }
    const made = method === 'limit_buckets' ? limited({ bounds, counts }, value) : withoutBound({ bounds, counts }, value);
    if (made !== null) Object.assign(context.point.write(), { explicitBounds: made.bounds, bucketCounts: made.counts });
    return null;
  };
}, 'datapoint');

export const bucketEditors: readonly FunctionDefinition[] = [merge_histogram_buckets];
