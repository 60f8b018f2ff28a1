import type { Turn } from '../../duckdb/turn.js';
import type { LabelIndex } from '../head/label-index.js';
import { ascending } from '../slow-sort.js';
import type { ValueTest } from './value-test.js';

const PER_LOOK = 1024;
/** From one of so many series on, a mark for each series is cheaper than a sort. */
const DENSE = 64;

/**
 * Series that meet all tests, ascending. The test that selects fewest series is answered by posting lists; what it finds is held
 * against the others, each pair of name and value once.
 */
export async function matchSeries(index: LabelIndex, tests: readonly ValueTest[], turn: Turn): Promise<Uint32Array> {
  let best: { readonly test: ValueTest; readonly pairs: readonly number[]; readonly series: number } | null = null;
  for (const test of tests) {
    if (test.absent || test.only === null) continue;
    const pairs = onlyPairs(index, test, test.only);
    const series = countSeries(index, pairs);
    if (best === null || series < best.series) best = { test, pairs, series };
  }
  for (const test of tests) {
    // An expression is tried on all values only where that may spare more than it costs.
    if (test.absent || test.only !== null || best?.series === 0) continue;
    const pairs = await matchingPairs(index, test, turn, best === null ? Infinity : best.series);
    if (pairs === null) continue;
    const series = countSeries(index, pairs);
    if (best === null || series < best.series) best = { test, pairs, series };
  }
  const candidates = best === null ? ascending(0, index.seriesCount) : union(index, best.pairs, best.series);
  return filter(index, candidates, tests.filter((test) => test !== best?.test), turn);
}

/** Names of pairs of a test whose values can be told. */
function onlyPairs(index: LabelIndex, test: ValueTest, values: readonly string[]): number[] {
  const nameId = index.nameId(test.name);
  return nameId < 0 ? [] : values.map((value) => index.pairId(nameId, value)).filter((pair) => pair >= 0);
}

/** Null where the label has more values than `most`. */
async function matchingPairs(index: LabelIndex, { name, prefix, matches }: ValueTest, turn: Turn, most: number): Promise<number[] | null> {
  const nameId = index.nameId(name);
  if (nameId < 0) return [];
  const pairs: number[] = [];
  let looked = 0;
  for (const pair of index.pairsLike(nameId, prefix)) {
    if (++looked % PER_LOOK === 0 && turn.due) await turn.give();
    if (looked > most) return null;
    const value = index.value(pair);
    if (value.startsWith(prefix) && matches(value)) pairs.push(pair);
  }
  return pairs;
}

function countSeries(index: LabelIndex, pairs: readonly number[]): number {
  return pairs.reduce((sum, pair) => sum + index.postingCount(pair), 0);
}

/** Series with one of the pairs, which are of one name, so that no series has two of them. */
function union(index: LabelIndex, pairs: readonly number[], count: number): Uint32Array {
  if (pairs.length === 1) return index.postings(pairs[0]);
  if (count * DENSE > index.seriesCount) return marked(index, pairs, count);
  const all = new Uint32Array(count);
  let at = 0;
  for (const pair of pairs) {
    const postings = index.postings(pair);
    all.set(postings, at);
    at += postings.length;
  }
  return all.sort();
}

function marked(index: LabelIndex, pairs: readonly number[], count: number): Uint32Array {
  const marks = new Uint8Array(index.seriesCount);
  for (const pair of pairs) for (const series of index.postings(pair)) marks[series] = 1;
  const all = new Uint32Array(count);
  let at = 0;
  for (let series = marks.indexOf(1); series >= 0; series = marks.indexOf(1, series + 1)) all[at++] = series;
  return all;
}

async function filter(index: LabelIndex, candidates: Uint32Array, tests: readonly ValueTest[], turn: Turn): Promise<Uint32Array> {
  if (tests.length === 0) return candidates;
  const checks = tests.map((test) => ({ ...test, nameId: index.nameId(test.name), known: new Map<number, boolean>() }));
  const kept = new Uint32Array(candidates.length);
  let count = 0;
  for (let i = 0; i < candidates.length; i++) {
    if (i % PER_LOOK === 0 && turn.due) await turn.give();
    let meets = true;
    for (const check of checks) {
      const pair = check.nameId < 0 ? -1 : index.pairOf(candidates[i], check.nameId);
      if (pair < 0) meets = check.absent;
      else {
        let known = check.known.get(pair);
        if (known === undefined) check.known.set(pair, (known = check.matches(index.value(pair))));
        meets = known;
      }
      if (!meets) break;
    }
    if (meets) kept[count++] = candidates[i];
  }
  return kept.subarray(0, count);
}
