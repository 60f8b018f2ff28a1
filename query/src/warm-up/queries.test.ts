import assert from 'node:assert/strict';
import { Engine } from '../promql/engine/engine.js';
import { parsePromQL } from '../promql/parse.js';
import { MemorySeries } from '../memory/series.js';
import { warmUpQueries } from './queries.js';
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

  it('are each asked once a round', () => {
    assert.equal(new Set(warmUpQueries()).size, warmUpQueries().length);
  });
});
