import assert from 'node:assert/strict';
import { fastify } from 'fastify';
import { Engine } from '../promql/engine/engine.js';
import { parsePromQL } from '../promql/parsing/parse.js';
import { prometheusApi } from '../http/prometheus/plugin.js';
import { MemoryReaders } from '../memory/readers.js';
import { MemorySeries } from '../memory/series.js';
import { warmUpLookups, warmUpQueries } from './queries.js';
import { WARM_UP_POINTS, WARM_UP_STEP_MS, warmUpSeries } from './series.js';

describe('queries that the engine is warmed up with', () => {
  const startMs = 1_700_000_000_000;

  it('are all answered, with points but for those about what is not there', async () => {
    const series = new MemorySeries();
    for (const { labels, timesMs, values, histograms } of warmUpSeries(startMs)) {
      series.set('default', labels, Array.from(timesMs, (timeMs, i) => ({ timeMs, value: values[i]!, histogram: histograms?.[i] ?? null })));
    }
    const engine = new Engine(series);
    const context = { tenant: 'default', signal: new AbortController().signal };
    const empty: string[] = [];
    for (const query of warmUpQueries()) {
      const { result } = await engine.range(context, query, parsePromQL(query), startMs + 300_000, startMs + (WARM_UP_POINTS - 1) * WARM_UP_STEP_MS, WARM_UP_STEP_MS);
      if (result.type === 'matrix' && result.series.length === 0) empty.push(query);
    }
    assert.deepEqual(empty.filter((query) => !/^(absent|absent_over_time|changes|sort|histogram_|deriv|increase|rate|delta|irate)|unless|==|< |<= /.test(query)), []);
    assert.ok(empty.length < warmUpQueries().length / 6, `without an answer: ${empty.join('\n')}`);
  });

  it('come with look-ups that find something', async () => {
    const readers = new MemoryReaders();
    for (const { labels, timesMs, values } of warmUpSeries(startMs)) readers.series.set('default', labels, [{ timeMs: timesMs[0]!, value: values[0]!, histogram: null }]);
    const app = fastify();
    await app.register(prometheusApi, { readers, tenantOf: () => 'default', fresh: () => Promise.resolve() });
    for (const url of warmUpLookups()) {
      const { data } = (await app.inject(url)).json<{ readonly data: readonly unknown[] }>();
      assert.ok(data.length > 0, url);
    }
    await app.close();
  });

  it('are each asked once a round', () => {
    assert.equal(new Set(warmUpQueries()).size, warmUpQueries().length);
  });
});
