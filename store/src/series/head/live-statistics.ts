import type { ReadContext } from '@signalbox/query/readers';
import { StatisticsTally, type SeriesStatistics } from '@signalbox/signals/prometheus/series-statistics';
import { Turn } from '../../duckdb/turn.js';
import type { SeriesView } from '../read/sources.js';

const PER_LOOK = 1024;

/** Counts of a tenant's live series, from the index alone; null where it has none. */
export async function liveStatistics(context: ReadContext, view: SeriesView, most: number): Promise<SeriesStatistics | null> {
  const index = view.generations.at(-1)?.samples.head.find(context.tenant) ?? null;
  if (index === null || index.seriesCount === 0) return null;
  const turn = new Turn();
  const tally = new StatisticsTally(most);
  const give = async (): Promise<void> => {
    await turn.give();
    context.signal.throwIfAborted();
  };
  for (const name of [...index.names]) {
    let values = 0;
    for (const pair of index.pairsOf(index.nameId(name))) {
      tally.pair(name, index.value(pair), index.postingCount(pair));
      if (++values % PER_LOOK === 0 && turn.due) await give();
    }
    tally.endName(name, values);
  }
  let chunks = 0;
  let minMs = Infinity;
  let maxMs = -Infinity;
  for (const generation of view.generations) {
    const samples = generation.samples.tenants.get(context.tenant);
    if (samples === undefined) continue;
    minMs = Math.min(minMs, samples.minMs);
    maxMs = Math.max(maxMs, samples.maxMs);
    for (let ref = 0; ref < samples.series.seriesCount; ref++) {
      if (samples.has(ref)) chunks++;
      if (ref % PER_LOOK === 0 && turn.due) await give();
    }
  }
  return tally.result(index.seriesCount, { chunks, minMs: minMs === Infinity ? null : minMs, maxMs: maxMs === -Infinity ? null : maxMs });
}
