import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { Cursor } from '@signalbox/journal/cursor';
import { Journal } from '@signalbox/journal/journal';
import { registerLedger } from './ledger.js';

describe('http/ledger', () => {
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-ledger-'));
    const journal = await Journal.open({ dir, maxBytes: 64 * 2 ** 20, segmentBytes: 2 ** 20, minFreeShare: 0 });
    for (const [tenant, items] of [['a', 2], ['b', 3]] as const) await journal.append({ signal: 'logs', encoding: 'otlp', tenant, items, rejected: [], receivedNs: 1n, payload: new Uint8Array(8) });
    await journal.close();
    const cursor = await Cursor.open({ dir, reader: 'store', signals: ['logs'], from: 'beginning' });
    await cursor.close();
  });
  after(() => { rmSync(dir, { recursive: true }); });

  interface Answer { readonly balanced: boolean; readonly rows: readonly { readonly tenant: string; readonly queued: number }[]; readonly retainedOut?: object }

  async function ask(seen: string | null): Promise<Answer> {
    const app = fastify();
    app.decorateRequest('tenant', 'a');
    registerLedger(app, { journalDir: dir, tenantSeen: () => seen, retainedOut: () => ({ spans: 7, logs: 0, samples: 9, bytes: 1000 }) });
    const answer = (await app.inject('/api/v1/ledger')).json<Answer>();
    await app.close();
    return answer;
  }

  it('tells every account, and what retention took from the store', async () => {
    const { balanced, rows, retainedOut } = await ask(null);
    assert.deepEqual([balanced, rows.map(({ tenant, queued }) => [tenant, queued]), retainedOut], [true, [['a', 2], ['b', 3]], { spans: 7, logs: 0, samples: 9, bytes: 1000 }]);
  });

  it('tells a tenant of its own accounts alone', async () => {
    const { rows, ...rest } = await ask('b');
    assert.deepEqual([rows.map(({ tenant, queued }) => [tenant, queued]), rest], [[['b', 3]], { balanced: true }]);
  });
});
