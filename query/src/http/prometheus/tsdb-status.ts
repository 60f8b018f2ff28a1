import type { FastifyPluginAsync } from 'fastify';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turns } from '../../event-loop.js';
import { formOf } from '../form.js';
import type { Serving } from '../serving.js';
import { BadData } from './errors.js';
import { MAX_TIME_MS, MIN_TIME_MS } from './params.js';
import { success } from './response.js';

interface Stat {
  readonly name: string;
  readonly value: number;
}

const DEFAULT_ENTRIES = 10;

/** `status/tsdb`: how many series there are by name and label, the largest first. At most `query.max_series` are looked at. */
export function tsdbStatus(serving: Serving): FastifyPluginAsync {
  const { maxSeries } = serving.limits;
  return async (app) => {
    app.get('/api/v1/status/tsdb', async (request, reply) => {
      const text = formOf(request).get('limit') ?? '';
      if (text !== '' && (!/^\+?\d+$/.test(text) || Number(text) < 1)) throw new BadData('limit must be a positive number');
      const entries = text === '' ? DEFAULT_ENTRIES : Number(text);
      if (entries > 10_000) throw new BadData('limit must not exceed 10000');
      const { data, cut } = await serving.query(request, reply, async (context) => {
        const found = await serving.readers.series.series(context, [[{ name: '__name__', op: '!=', value: '' }]], MIN_TIME_MS, MAX_TIME_MS, maxSeries + 1);
        return { data: await statsOf(found.slice(0, maxSeries), entries, new Turns(context.signal)), cut: found.length > maxSeries };
      });
      return success(reply, data, { warnings: cut ? [`only the first ${maxSeries} series were looked at; raise query.max_series for all`] : [], infos: [] });
    });

    app.get('/api/v1/status/tsdb/blocks', (_request, reply) => success(reply, { blocks: [] }));
  };
}

async function statsOf(series: readonly Labels[], entries: number, turns: Turns): Promise<object> {
  const byName = new Map<string, number>();
  const byPair = new Map<string, number>();
  const valuesOf = new Map<string, Set<string>>();
  const bytesOf = new Map<string, number>();
  for (const labels of series) {
    for (const [name, value] of labels) {
      if (name === '__name__') count(byName, value, 1);
      count(byPair, `${name}=${value}`, 1);
      const values = valuesOf.get(name) ?? new Set<string>();
      valuesOf.set(name, values.add(value));
    }
    if (turns.due(labels.length)) await turns.turn();
  }
  for (const [name, values] of valuesOf) for (const value of values) count(bytesOf, name, Buffer.byteLength(value));
  return {
    headStats: { numSeries: series.length, numLabelPairs: byPair.size, chunkCount: 0, minTime: 0, maxTime: 0 },
    seriesCountByMetricName: largest(byName, entries),
    labelValueCountByLabelName: largest(new Map([...valuesOf].map(([name, values]) => [name, values.size])), entries),
    memoryInBytesByLabelName: largest(bytesOf, entries),
    seriesCountByLabelValuePair: largest(byPair, entries),
  };
}

function count(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function largest(counts: ReadonlyMap<string, number>, entries: number): Stat[] {
  return [...counts].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value).slice(0, entries);
}
