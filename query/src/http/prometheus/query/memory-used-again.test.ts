import assert from 'node:assert/strict';
import { labelsOf } from '../../../labels/labels.js';
import { MemoryReaders } from '../../../memory/readers.js';
import type { ReadContext, Series, SeriesReader, SeriesSelect } from '../../../readers.js';
import { serveExample } from '../../serve-example.js';
import { prometheusApi } from '../plugin.js';

/** Answers copies, and writes over them when it is told that nobody looks at them any more. */
class Scribbling implements SeriesReader {
  read = 0;
  ended = 0;
  readonly series: SeriesReader['series'];
  readonly labelNames: SeriesReader['labelNames'];
  readonly labelValues: SeriesReader['labelValues'];
  readonly metadata: SeriesReader['metadata'];
  readonly exemplars: SeriesReader['exemplars'];

  constructor(private readonly reader: SeriesReader) {
    this.series = reader.series.bind(reader);
    this.labelNames = reader.labelNames.bind(reader);
    this.labelValues = reader.labelValues.bind(reader);
    this.metadata = reader.metadata.bind(reader);
    this.exemplars = reader.exemplars.bind(reader);
  }

  async select(context: ReadContext, select: SeriesSelect): Promise<readonly Series[]> {
    const copies = (await this.reader.select(context, select)).map((series) => ({ ...series, timesMs: series.timesMs.slice(), values: series.values.slice() }));
    this.read++;
    context.atEnd?.(() => {
      this.ended++;
      for (const { timesMs, values } of copies) {
        timesMs.fill(-1);
        values.fill(-1);
      }
    });
    return copies;
  }
}

describe('memory of series that were read', () => {
  it('may be used again when the answer is written, and not before', async () => {
    const readers = new MemoryReaders();
    for (let i = 0; i < 5; i++) {
      readers.series.set('default', labelsOf([['__name__', 'x_total'], ['job', `j${i % 2}`], ['instance', `h${i}`]]), Array.from({ length: 200 }, (_, at) => ({ timeMs: at * 15_000, value: (at * (i + 1)) % 97 })));
    }
    const scribbling = new Scribbling(readers.series);
    const { app: plain } = await serveExample(prometheusApi, { readers });
    const { app } = await serveExample(prometheusApi, { readers: { ...readers, series: scribbling } });
    const range = { start: '300', end: '2900', step: '30' };
    const questions: [string, Record<string, string>][] = [
      ...['x_total', 'sum by (job) (rate(x_total[5m]))', 'max_over_time(rate(x_total[5m])[10m:1m])', 'x_total / on (instance) x_total offset 5m', 'topk(2, x_total)', 'timestamp(x_total)'].map((query): [string, Record<string, string>] => ['query_range', { query, ...range }]),
      ...['x_total', 'x_total[5m]', 'x_total[5m:30s]', 'x_total @ end()'].map((query): [string, Record<string, string>] => ['query', { query, time: '1500' }]),
      // Fails once it has read.
      ['query_range', { query: 'x_total + on (job) x_total', ...range }],
    ];
    for (const [path, params] of questions) {
      const url = `/api/v1/${path}?${new URLSearchParams(params).toString()}`;
      assert.equal((await app.inject({ url })).payload, (await plain.inject({ url })).payload, params['query']);
      assert.equal(scribbling.ended, scribbling.read, params['query']);
    }
    assert.ok(scribbling.read >= questions.length);
    await Promise.all([app.close(), plain.close()]);
  });
});
