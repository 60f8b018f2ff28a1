import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';
import { manifestPath } from '../../files/manifest.js';
import { oldSamplePaths } from '../../files/stored-file.js';
import { context, StoreFixture } from '../../store-fixture.test.js';

describe('a store of version 1', () => {
  it('gets its samples in blocks, with every bit, histograms, exemplars and metadata', async () => {
    const fixture = await StoreFixture.open();
    try {
      await fixture.store.close();
      const old = oldSamplePaths(fixture.storeDir, { number: 1 });
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      const histogram = '{"schema":3,"zeroThreshold":0.5,"zeroCount":1,"count":3,"sum":"NaN","positive":{"offsets":[1],"counts":[2]},"negative":{"offsets":[],"counts":[]},"customBounds":null,"counterReset":"unknown"}';
      await connection.run(`COPY (SELECT * FROM (VALUES
        (7::UBIGINT, 1000::BIGINT, 1.5::DOUBLE, 0::INTEGER, 0::BIGINT, NULL::VARCHAR, NULL::VARCHAR), (7, 2000, 0, 2, 0, NULL, NULL), (7, 3000, 'nan', 1, 0, NULL, NULL), (7, 4000, 'nan', 0, 0, '${histogram}', NULL), (7, 1500, 0.3, 0, 0, NULL, '{"trace_id":"abc"}')
      ) t(series_id, time_ms, value, special, start_ms, histogram, exemplar)) TO '${old.data}' (FORMAT parquet)`);
      await connection.run(`COPY (SELECT * FROM (VALUES
        ('default', 7::UBIGINT, 'g', '{"__name__":"g","job":"ж"}', NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR), ('default', NULL, 'g', NULL, 'gauge', 'a help', 's')
      ) t(tenant, series_id, name, labels, type, help, unit)) TO '${old.series}' (FORMAT parquet)`);
      connection.closeSync();
      instance.closeSync();
      const file = { kind: 'samples', number: 1, rows: 5, bytes: 100, minNs: '1000000000', maxNs: '4000999999', receivedFromNs: `${Date.now()}000000`, receivedToNs: `${Date.now()}000000`, tenants: ['default'], merges: 0 };
      const path = manifestPath(fixture.storeDir);
      const before = await readFile(path, 'utf8').then((text) => JSON.parse(text) as object, () => ({ journalId: '', position: 0, pending: [], retainedOut: { spans: 0, logs: 0, samples: 0, bytes: 0 } }));
      await writeFile(path, JSON.stringify({ ...before, version: 1, nextNumber: 2, files: [file] }));
      await fixture.reopen();
      const until = Date.now() + 120_000;
      const { series } = fixture.store.readers;
      const select = () => series.select(context(), { startMs: 0, endMs: Infinity, matchers: [], maxSeries: 10, maxSamples: 10 });
      while ((await select()).length === 0 && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
      const [found] = await select();
      assert.deepEqual(found.labels, [['__name__', 'g'], ['job', 'ж']]);
      assert.deepEqual([...found.timesMs], [1000, 2000, 3000, 4000]);
      assert.ok(Object.is(found.values[1], -0));
      assert.equal(new BigUint64Array(found.values.slice().buffer)[2], STALE_NAN_BITS);
      assert.deepEqual([found.histograms?.[3]?.count, found.histograms?.[3]?.sum, [...found.histograms?.[3]?.positive.counts ?? []]], [3, NaN, [2]]);
      assert.deepEqual(await series.metadata(context()), [{ name: 'g', type: 'gauge', help: 'a help', unit: 's' }]);
      const [exemplars] = await series.exemplars(context(), [], 0, 5000);
      assert.deepEqual(exemplars.exemplars, [{ labels: [['trace_id', 'abc']], value: 0.3, timeMs: 1500 }]);
      await fixture.store.close();
      for (const gone of Object.values(old)) await assert.rejects(access(gone));
      await fixture.reopen();
      assert.equal((await fixture.store.readers.series.select(context(), { startMs: 0, endMs: Infinity, matchers: [], maxSeries: 10, maxSamples: 10 })).length, 1);
    } finally {
      await fixture.close();
    }
  });
});
