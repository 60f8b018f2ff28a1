import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestPath, readManifest, writeManifest } from '@signalbox/store/files/manifest';
import { signalbox, startAppliance } from '../harness/appliance.js';

interface Answer {
  readonly balanced: boolean;
  readonly rows: readonly { readonly reader: string }[];
  readonly retainedOut?: { readonly spans: number; readonly logs: number; readonly samples: number; readonly bytes: number };
}

describe('signalbox ledger', function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-ledger-'));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  it('tells what retention took from the store, as the API does', async () => {
    const first = await startAppliance({ dataDir });
    const sent = await fetch(`${first.http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] }) });
    assert.equal(sent.status, 200);
    const ledger = async (...more: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => signalbox(['ledger', '--data', dataDir, ...more]);
    assert.doesNotMatch((await ledger()).stdout, /Retention/);
    assert.deepEqual((JSON.parse((await ledger('--json')).stdout) as Answer).retainedOut, { spans: 0, logs: 0, samples: 0, bytes: 0 });
    await first.stop({ keep: true });

    // As the store writes it when files go.
    const store = join(dataDir, 'store');
    const retainedOut = { spans: 1_234_567, logs: 2, samples: 30, bytes: 5 * 1024 ** 2 };
    await writeManifest(store, { ...(await readManifest(store)), retainedOut });
    const second = await startAppliance({ dataDir });
    try {
      const { code, stdout } = await ledger();
      assert.equal(code, 0);
      assert.match(stdout, /^store +default +logs +1 .*\n\nRetention has since taken from the store: 1,234,567 spans, 2 log records, 30 samples \(5MiB\)\.\n$/m);
      const told = JSON.parse((await ledger('--json')).stdout) as Answer;
      assert.deepEqual(told.retainedOut, retainedOut);
      assert.deepEqual(((await (await fetch(`${second.url}/api/v1/ledger`)).json()) as Answer).retainedOut, told.retainedOut);
    } finally {
      await second.stop({ keep: true });
    }

    writeFileSync(manifestPath(store), 'not JSON');
    const damaged = await ledger('--json');
    assert.equal(damaged.code, 0, damaged.stderr);
    const { rows, retainedOut: unknown } = JSON.parse(damaged.stdout) as Answer;
    assert.deepEqual([rows.map(({ reader }) => reader), unknown], [['store'], undefined]);
    assert.match(damaged.stderr, /^What retention took from the store is not known: SBX_STORE_DAMAGED: .*manifest\.json/);
  });
});
