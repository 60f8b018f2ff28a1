import type { Turn } from '../../duckdb/turn.js';
import type { BlockIndex } from '../block/block-index.js';
import type { HeadOrder } from '../head/head-order.js';
import type { TenantSamples } from '../head/tenant-samples.js';
import { compareTexts } from './sorted-texts.js';

const PER_LOOK = 1024;
/** Fewer values are sorted in less time than all of the head's are looked through. */
const MANY = 1000;

/** Values of a name in a block of series that may have samples between the times, ascending. `give` is called where others wait for their turn. */
export async function blockValues(index: BlockIndex, name: string, startMs: number, endMs: number, turn: Turn, give: () => Promise<void>): Promise<readonly string[]> {
  const nameId = index.nameId(name);
  if (nameId < 0) return [];
  const { namePairs, pairPostings } = index.columns;
  const values: string[] = [];
  let looked = 0;
  for (let pair = namePairs[nameId]; pair < namePairs[nameId + 1]; pair++) {
    const end = pairPostings[pair + 1];
    for (let from = pairPostings[pair]; from < end; ) {
      const to = Math.min(end, from + PER_LOOK);
      const found = index.postingWithin(from, to, startMs, endMs);
      if ((looked += found - from + 1) >= PER_LOOK) {
        looked = 0;
        if (turn.due) await give();
      }
      if (found < to) {
        values.push(index.value(pair));
        break;
      }
      from = to;
    }
  }
  if (values[0] === '') values.shift();
  return values;
}

/** The same of what is in memory, of the series in `refs` from one number to another. */
export async function headValues(samples: TenantSamples, order: HeadOrder, name: string, refs: { readonly from: number; readonly to: number }, startMs: number, endMs: number, turn: Turn, give: () => Promise<void>): Promise<readonly string[]> {
  const { series } = samples;
  const nameId = series.nameId(name);
  if (nameId < 0) return [];
  const found = new Uint8Array(series.pairCount);
  const pairs: number[] = [];
  for (let i = refs.from; i < refs.to; i++) {
    if (i % PER_LOOK === 0 && turn.due) await give();
    const ref = samples.refs.values[i];
    const pair = series.pairOf(ref, nameId);
    if (pair < 0 || found[pair] === 1 || !samples.hasWithin(ref, startMs, endMs)) continue;
    found[pair] = 1;
    if (series.value(pair) !== '') pairs.push(pair);
  }
  if (pairs.length < MANY) return pairs.map((pair) => series.value(pair)).sort(compareTexts);
  const values: string[] = [];
  let looked = 0;
  for (const pair of await order.pairsOf(nameId)) {
    if (++looked % PER_LOOK === 0 && turn.due) await give();
    if (found[pair] === 1 && series.value(pair) !== '') values.push(series.value(pair));
  }
  return values;
}
