import { CUSTOM_BUCKETS_SCHEMA, MAX_SCHEMA, MIN_SCHEMA } from '../native-histogram.js';

/** The buckets of one sign as they are on the wire, counts absolute. */
export interface WireBuckets {
  /** Offset and length of each span, by turns. */
  readonly spans: readonly number[];
  readonly counts: readonly number[];
}

/** A Histogram message with its counts made absolute. */
export interface WireHistogram {
  readonly float: boolean;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: WireBuckets;
  readonly negative: WireBuckets;
  readonly customValues: readonly number[];
}

/** Finer schemas than Prometheus keeps are known up to here, and merged down to 8. */
const MAX_KNOWN_SCHEMA = 52;

const SPAN_OFFSET = 'histogram has a span whose offset is negative';
const SPANS_MISMATCH = 'histogram spans specify different number of buckets than provided';
const NEGATIVE_BUCKET = 'histogram has a bucket whose observation count is negative';

/** What is wrong with a histogram, in the words of Prometheus (model/histogram, Validate), or null. */
export function histogramProblem(histogram: WireHistogram): string | null {
  const { schema, positive, negative, float } = histogram;
  const custom = schema === CUSTOM_BUCKETS_SCHEMA;
  if (!custom && (schema < MIN_SCHEMA || schema > MAX_KNOWN_SCHEMA)) {
    return `histogram has an invalid schema, which must be between ${MIN_SCHEMA} and ${MAX_SCHEMA} for exponential buckets, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets, got schema ${schema}`;
  }
  const spans = spansProblem('negative side', negative) ?? spansProblem('positive side', positive);
  if (spans !== null) return spans;
  if (custom) {
    const problem = customProblem(histogram);
    if (problem !== null) return problem;
  } else {
    if (histogram.customValues.length > 0) return 'histogram with exponential schema must not have custom bounds';
    const counts = countsProblem('negative side', negative);
    if (counts !== null) return counts;
  }
  return countsProblem('positive side', positive) ?? (float ? negativeProblem(histogram) : totalProblem(histogram));
}

/** Counts of floats may be anything; buckets need not add up, for they may have been computed. */
function negativeProblem({ count, zeroCount }: WireHistogram): string | null {
  if (zeroCount < 0) return `zero bucket has observation count of ${zeroCount}: ${NEGATIVE_BUCKET}`;
  return count < 0 ? `observation count is  ${count}: histogram's observation count is negative` : null;
}

function spansProblem(side: string, { spans, counts }: WireBuckets): string | null {
  let buckets = 0;
  for (let i = 0; i < spans.length; i += 2) {
    if (i > 0 && spans[i]! < 0) return `${side}: span number ${i / 2 + 1} with offset ${spans[i]}: ${SPAN_OFFSET}`;
    buckets += spans[i + 1]!;
  }
  return buckets === counts.length ? null : `${side}: spans need ${buckets} buckets, have ${counts.length} buckets: ${SPANS_MISMATCH}`;
}

function customProblem({ customValues, positive, negative, zeroCount, zeroThreshold }: WireHistogram): string | null {
  let previous = Number.NEGATIVE_INFINITY;
  for (const [i, bound] of customValues.entries()) {
    if (Number.isNaN(bound)) return 'custom buckets: histogram custom bounds must not be NaN';
    // The first may be infinite too.
    if (i > 0 && bound <= previous) return `custom buckets: previous bound is ${goFixed(previous)} and current is ${goFixed(bound)}: histogram custom bounds must be in strictly increasing order`;
    previous = bound;
  }
  if (previous === Number.POSITIVE_INFINITY) return 'custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite';
  let length = 0;
  for (let i = 0; i < positive.spans.length; i += 2) {
    if (positive.spans[i]! < 0) return `custom buckets: span number ${i / 2 + 1} with offset ${positive.spans[i]}: ${SPAN_OFFSET}`;
    length += positive.spans[i]! + positive.spans[i + 1]!;
  }
  if (customValues.length + 1 < length) {
    return `custom buckets: only ${customValues.length} custom bounds defined which is insufficient to cover total span length of ${length}: histogram custom bounds are too few`;
  }
  if (zeroCount !== 0) return 'custom buckets: must have zero count of 0';
  if (zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (negative.spans.length > 0) return 'custom buckets: must not have negative spans';
  if (negative.counts.length > 0) return 'custom buckets: must not have negative buckets';
  return null;
}

function countsProblem(side: string, { counts }: WireBuckets): string | null {
  for (const [i, count] of counts.entries()) {
    if (count < 0) return `${side}: bucket number ${i + 1} has observation count of ${count}: ${NEGATIVE_BUCKET}`;
  }
  return null;
}

function totalProblem({ count, zeroCount, sum, positive, negative }: WireHistogram): string | null {
  const inBuckets = total(negative) + total(positive) + zeroCount;
  const found = `${inBuckets} observations found in buckets, but the Count field is ${count}`;
  // A NaN is counted, but is in no bucket.
  if (Number.isNaN(sum)) return inBuckets > count ? `${found}: histogram's observation count should be at least the number of observations found in the buckets` : null;
  return inBuckets === count ? null : `${found}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

function total({ counts }: WireBuckets): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/** Go's %f. */
function goFixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(6) : value > 0 ? '+Inf' : '-Inf';
}
