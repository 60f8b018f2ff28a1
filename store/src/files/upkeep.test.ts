import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { readManifest } from './manifest.js';
import { pathsOf } from './stored-file.js';
import { context, span, StoreFixture, traces } from '../store-fixture.test.js';

const ALL = { startNs: 0n, endNs: 1n << 64n };
const T0 = 1_700_000_000_000_000_000n;

function traceId(n: number): string {
  return `abc${n.toString(16).padStart(29, '0')}`;
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 12_000; i++) {
    if (await done()) return;
    await sleep(10);
  }
  throw new Error(`did not happen: ${what}`);
}

describe('merge', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  it('keeps the files few while everything is found all the time, and nothing twice', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 60 }, merge: { intervalMs: 5, minFiles: 3, maxFiles: 5 } });
    const { spans } = fixture.store.readers;
    let acknowledged = 0;
    let checks = 0;
    let ended = false;
    const querying = (async () => {
      while (!ended) {
        const known = acknowledged;
        if (known === 0) {
          await sleep(1);
          continue;
        }
        const n = (checks * 7919) % known;
        assert.equal((await spans.trace(context(), traceId(n))).length, 3, `trace ${n} of ${known}`);
        const found = await spans.search(context(), { range: ALL, conditions: [{ scope: 'span', key: 'n', op: '=', value: n }], limit: 5, spansPerTrace: 1 });
        assert.deepEqual(found.map((t) => [t.traceId, t.spanCount]), [[traceId(n), 3]]);
        checks++;
      }
    })();
    for (let n = 0; n < 900; n++) {
      // The spans of a trace come apart, so that they lie in several files.
      const late = n - 40;
      await fixture.appendTraces(traces(`s${n % 4}`, [span({ traceId: traceId(n), startNs: T0 + BigInt(n), attributes: [{ key: 'n', value: BigInt(n) }] }), span({ traceId: traceId(n), startNs: T0 + BigInt(n) })]));
      if (late >= 0) await fixture.appendTraces(traces(`s${late % 4}`, [span({ traceId: traceId(late), startNs: T0 + BigInt(late) })]));
      if (n % 20 === 19) {
        await fixture.fresh();
        acknowledged = Math.max(0, late);
      }
    }
    for (let late = 860; late < 900; late++) await fixture.appendTraces(traces('x', [span({ traceId: traceId(late) })]));
    await fixture.fresh();
    ended = true;
    await querying;
    assert.ok(checks > 20, `${checks} checks`);
    await until('files are merged', () => fixture.store.stats().files.spans.files <= 8);
    const stats = fixture.store.stats();
    assert.ok(stats.upkeep.merges > 3);
    assert.equal((await spans.search(context(), { range: ALL, conditions: [], limit: 2000, spansPerTrace: 1 })).length, 900);
    const files = await readdir(join(fixture.storeDir, 'spans'));
    await until('sources are deleted', async () => (await readdir(join(fixture.storeDir, 'spans'))).length === fixture.store.stats().files.spans.files * 2);
    assert.ok(files.length > 0);
    for (let n = 0; n < 900; n += 50) assert.equal((await spans.trace(context(), traceId(n))).length, 3);
  });

  it('puts the row groups of larger files together as they are, and finds everything in them', async () => {
    const FRAME = 1500;
    fixture = await StoreFixture.open({ flush: { rows: 14_000, ageMs: 3_600_000 }, merge: { intervalMs: 5, minFiles: 3, maxFiles: 3 } });
    const frames = 36;
    for (let frame = 0; frame < frames; frame++) {
      const spans = Array.from({ length: FRAME }, (_, i) => span({ traceId: traceId(frame * FRAME + i), startNs: T0 + BigInt(frame * FRAME + i), name: `op ${i % 7}`, attributes: [{ key: 'n', value: BigInt(frame * FRAME + i) }] }));
      await fixture.appendTraces(traces(`s${frame % 3}`, spans));
      await fixture.fresh();
    }
    await until('files are merged', () => fixture.store.stats().upkeep.merges > 0);
    const merged = (await readManifest(fixture.storeDir)).files.find(({ merges }) => merges > 0);
    assert.ok(merged);
    const stored = merged.rows;
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const groups = (await connection.runAndReadAll(`SELECT DISTINCT row_group_id, row_group_num_rows::INTEGER FROM parquet_metadata('${pathsOf(fixture.storeDir, merged).data}') ORDER BY 1`)).getRows().map(([, rows]) => Number(rows));
    connection.closeSync();
    instance.closeSync();
    assert.ok(groups.slice(0, -1).some((rows) => rows < 4096), `${groups.join()}: short row groups stay`);
    const { spans } = fixture.store.readers;
    assert.equal(groups.reduce((sum, rows) => sum + rows, 0), stored);
    for (let n = 0; n < frames * FRAME; n += 997) {
      assert.equal((await spans.trace(context(), traceId(n))).length, 1, `trace ${n}`);
      const found = await spans.search(context(), { range: ALL, conditions: [{ scope: 'span', key: 'n', op: '=', value: n }], limit: 5, spansPerTrace: 1 });
      assert.deepEqual(found.map((t) => t.traceId), [traceId(n)]);
    }
    const newest = await spans.search(context(), { range: { startNs: 0n, endNs: T0 + BigInt(stored) }, conditions: [{ scope: 'span', key: 'n', op: '>', value: -1 }], limit: 3, spansPerTrace: 1 });
    assert.deepEqual(newest.map((t) => t.traceId), [1, 2, 3].map((back) => traceId(stored - back)));
    await fixture.reopen();
    assert.equal((await fixture.store.readers.spans.trace(context(), traceId(stored - 1))).length, 1);
  });

  it('leaves files that any DuckDB reads', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 5 }, merge: { intervalMs: 5, minFiles: 2, maxFiles: 5 } });
    for (let n = 0; n < 60; n++) {
      await fixture.appendTraces(traces('shop', [span({ traceId: traceId(n), name: `op ${n}`, attributes: [{ key: 'http.route', value: '/x' }, { key: 'n', value: BigInt(n) }] })]));
      await fixture.fresh();
    }
    await fixture.store.close();
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const sql = `SELECT count(*)::INTEGER, count(DISTINCT trace_id)::INTEGER, min(service), sum((attributes->>'n')::INTEGER)::INTEGER, max(to_timestamp(start_ns / 1e9))::VARCHAR FROM '${fixture.storeDir}/spans/*.parquet' WHERE attributes->>'$."http.route"' = '/x'`;
    const rows = (await connection.runAndReadAll(sql)).getRows();
    assert.deepEqual(rows[0].slice(0, 4), [60, 60, 'shop', 1770]);
    connection.closeSync();
    instance.closeSync();
  });
});

describe('retention', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  /** A span, a line and a sample of one time, the span and the line so large that few of them are as much as may be kept. */
  async function append(n: number): Promise<void> {
    const resource = { attributes: [{ key: 'service.name', value: 'a' }], droppedAttributesCount: 0 };
    const attributes = [{ key: 'ballast', value: randomBytes(40_000).toString('hex') }];
    const timeNs = T0 + BigInt(n) * 1_000_000_000n;
    await fixture.appendTraces(traces('a', [span({ traceId: traceId(n), attributes })]));
    await fixture.appendLogs({ resourceLogs: [{ resource, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [{
      timeNs, observedTimeNs: timeNs, severityNumber: 9, severityText: 'INFO', body: `line ${n}`, attributes, droppedAttributesCount: 0, flags: 0, traceId: traceId(n), spanId: '', eventName: '',
    }] }] }] });
    await fixture.appendMetrics({ resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{
      name: 'load', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: [{ attributes: [], startNs: 0n, timeNs, flags: 0, value: n, exemplars: [] }] },
    }] }] }] });
    await fixture.fresh();
    await until('all of it is in files', () => fixture.store.stats().hot.rows === 0);
  }

  it('deletes the oldest of all kinds beyond the cap, tells so, and the rest is found', async () => {
    const maxBytes = 1024 * 1024;
    fixture = await StoreFixture.open({ flush: { ageMs: 20 }, merge: { intervalMs: 0 }, retention: { ageMs: 'off', maxBytes, minFreeShare: 0, intervalMs: 20 } });
    const { spans, logs, series } = fixture.store.readers;
    let n = 0;
    for (; Object.values(fixture.store.stats().retainedOut).some((gone) => gone === 0); n++) {
      assert.ok(n < 200, JSON.stringify(fixture.store.stats()));
      await append(n);
    }
    await until('no more is there than may be', () => Object.values(fixture.store.stats().files).reduce((sum, { bytes }) => sum + bytes, 0) <= maxBytes);
    const found = async (at: number): Promise<boolean[]> => {
      const lines = await logs.ofTrace(context(), traceId(at));
      const samples = await series.select(context(), { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, matchers: [{ name: '__name__', op: '=', value: 'load' }], maxSeries: 9, maxSamples: 999 });
      return [(await spans.trace(context(), traceId(at))).length > 0, lines.length > 0, samples.some(({ values }) => values.includes(at))];
    };
    assert.deepEqual(await found(0), [false, false, false]);
    assert.deepEqual(await found(n - 1), [true, true, true]);
    await fixture.store.close();
    for (const { dropped, balanced } of await fixture.ledger()) assert.deepEqual([dropped, balanced], [{}, true], 'what was kept once was delivered');
  });

  it('deletes by age and counts what went', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 3 }, merge: { intervalMs: 0 }, retention: { ageMs: 1000, minFreeShare: 0, intervalMs: 20 } });
    await fixture.appendTraces(traces('a', [span(), span(), span()]));
    await fixture.fresh();
    await until('a file is written', () => fixture.store.stats().files.spans.rows === 3);
    assert.equal((await fixture.store.readers.spans.trace(context(), span().traceId)).length, 3);
    await until('the file is gone', () => fixture.store.stats().files.spans.files === 0);
    const { retainedOut } = fixture.store.stats();
    assert.deepEqual([retainedOut.spans, retainedOut.logs, retainedOut.bytes > 0], [3, 0, true]);
    assert.deepEqual(await fixture.store.readers.spans.trace(context(), span().traceId), []);
    await until('it is deleted', async () => (await readdir(join(fixture.storeDir, 'spans'))).length === 0);
    await fixture.reopen();
    assert.equal(fixture.store.stats().retainedOut.spans, 3);
  });
});
