import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { context, StoreFixture } from '../store-fixture.test.js';

const SETTINGS = { flush: { samples: 60, ageMs: 80 }, merge: { intervalMs: 5, minFiles: 2, maxFiles: 6 } };
const SERIES = 7;

/** A store in a process of its own, to be killed. */
async function startStore(dir: string): Promise<ChildProcess> {
  const code = `
    import { Store } from '@signalbox/store/store';
    const log = { debug() {}, info() {}, warn() {}, error(m, f) { process.stderr.write(m + JSON.stringify(f) + '\\n'); } };
    await Store.open({ dir: ${JSON.stringify(join(dir, 'store'))}, journalDir: ${JSON.stringify(join(dir, 'journal'))}, settings: ${JSON.stringify(SETTINGS)}, logger: log });
    process.send('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', '--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(([exit]) => [`exit ${exit}`])]);
  assert.equal(message, 'ready');
  return child;
}

describe('a store of series that is killed', function suite() {
  this.timeout(240_000);

  it('shows every acknowledged sample exactly once, and the ledger is balanced', async () => {
    const fixture = await StoreFixture.open(SETTINGS);
    try {
      await fixture.store.close();
      let sent = 0;
      let ended = false;
      const sending = (async () => {
        for (; !ended; sent++) {
          const point = (series: number) => ({ attributes: [{ key: 'series', value: BigInt(series) }], startNs: 0n, timeNs: BigInt(1000 + sent) * 1_000_000n, flags: 0, value: sent, exemplars: [] });
          const dataPoints = Array.from({ length: SERIES }, (_, series) => point(series));
          const data = { resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'g', description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints } }] }] }] };
          await fixture.append('metrics', encodeMetrics(data), SERIES);
          await sleep(2);
        }
      })();
      for (let round = 0; round < 6; round++) {
        const child = await startStore(fixture.dir);
        await sleep(30 + Math.random() * 700);
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      ended = true;
      await sending;
      await fixture.reopen();
      await fixture.fresh();
      const found = await fixture.store.readers.series.select(context(), { startMs: 0, endMs: Infinity, matchers: [], maxSeries: 100, maxSamples: 1e6 });
      assert.equal(found.length, SERIES);
      const expected = Array.from({ length: sent }, (_, i) => i);
      for (const { timesMs, values } of found) {
        assert.deepEqual([...values], expected);
        assert.deepEqual([...timesMs], expected.map((i) => 1000 + i));
      }
      await fixture.store.close();
      const [row, ...others] = await fixture.ledger();
      assert.deepEqual(others, []);
      assert.deepEqual({ delivered: row.delivered, queued: row.queued, dropped: row.dropped, redelivered: row.redelivered, balanced: row.balanced }, { delivered: sent * SERIES, queued: 0, dropped: {}, redelivered: 0, balanced: true });
    } finally {
      await fixture.close();
    }
  });
});
