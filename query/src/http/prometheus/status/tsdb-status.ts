import type { FastifyPluginAsync } from 'fastify';
import { statisticsOf, type SeriesStatistics, type Tally } from '@signalbox/signals/prometheus/series-statistics';
import { Turns } from '../../../event-loop.js';
import { formOf } from '../../form.js';
import type { Serving } from '../../serving.js';
import { BadData } from '../errors.js';
import { MAX_TIME_MS, MIN_TIME_MS, goInteger } from '../request/params.js';
import { success } from '../answer/response.js';

const DEFAULT_ENTRIES = 10;

/** `status/tsdb`: how many live series there are by name and label, the largest first. Where the reader has no statistics, at most `query.max_series` are looked at. */
export function tsdbStatus(serving: Serving): FastifyPluginAsync {
  const { maxSeries } = serving.limits;
  return async (app) => {
    app.get('/api/v1/status/tsdb', async (request, reply) => {
      const text = formOf(request).get('limit') ?? '';
      const entries = text === '' ? DEFAULT_ENTRIES : goInteger(text) ?? 0;
      if (entries < 1) throw new BadData('limit must be a positive number');
      if (entries > 10_000) throw new BadData('limit must not exceed 10000');
      const { data, cut } = await serving.query(request, reply, async (context) => {
        const known = (await serving.readers.series.statistics?.(context, entries)) ?? null;
        if (known !== null) return { data: shown(known), cut: false };
        const found = await serving.readers.series.series(context, [[{ name: '__name__', op: '!=', value: '' }]], MIN_TIME_MS, MAX_TIME_MS, maxSeries + 1);
        const turns = new Turns(context.signal);
        const data = shown(await statisticsOf(found.slice(0, maxSeries), entries, async (work) => { if (turns.due(work)) await turns.turn(); }));
        return { data, cut: found.length > maxSeries };
      });
      return success(reply, data, { warnings: cut ? [`only the first ${maxSeries} series were looked at; raise query.max_series for all`] : [], infos: [] });
    });

    app.get('/api/v1/status/tsdb/blocks', (_request, reply) => success(reply, { blocks: [] }));
  };
}

/** In Prometheus' fields. */
function shown({ series, pairs, chunks, minMs, maxMs, byMetric, byPair, valuesByLabel, bytesByLabel }: SeriesStatistics): object {
  const list = (tallies: readonly Tally[]): object[] => tallies.map(({ name, count }) => ({ name, value: count }));
  return {
    headStats: { numSeries: series, numLabelPairs: pairs, chunkCount: chunks, minTime: minMs ?? 0, maxTime: maxMs ?? 0 },
    seriesCountByMetricName: list(byMetric), labelValueCountByLabelName: list(valuesByLabel), memoryInBytesByLabelName: list(bytesByLabel), seriesCountByLabelValuePair: list(byPair),
  };
}
