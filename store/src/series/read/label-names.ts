import type { Turn } from '../../duckdb/turn.js';
import type { TenantSamples } from '../head/tenant-samples.js';

const PER_LOOK = 1024;

/** Adds the names of all series in memory that have samples between the times. Looks at series only as long as a name is missing. */
export async function addHeadNames(names: Set<string>, samples: TenantSamples, startMs: number, endMs: number, turn: Turn, give: () => Promise<void>): Promise<void> {
  const { series, refs } = samples;
  // Those that come meanwhile have higher numbers.
  const found = Uint8Array.from(series.names, (name) => (names.has(name) ? 1 : 0));
  let missing = found.reduce((sum, is) => sum + 1 - is, 0);
  for (let i = refs.length - 1; i >= 0 && missing > 0; i--) {
    if (i % PER_LOOK === 0 && turn.due) await give();
    const ref = refs.values[i];
    if (!samples.hasWithin(ref, startMs, endMs)) continue;
    for (const pair of series.pairsOfSeries(ref)) {
      const nameId = series.pairName(pair);
      if (found[nameId] !== 0) continue;
      found[nameId] = 1;
      missing--;
      names.add(series.names[nameId]);
    }
  }
}
