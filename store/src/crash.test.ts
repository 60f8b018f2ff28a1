import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { manifestPath } from './files/manifest.js';
import { pathsOf } from './files/stored-file.js';
import { context, span, StoreFixture, traces } from './store-fixture.test.js';
import { Store } from './store.js';

const ALL = { startNs: 0n, endNs: 1n << 64n };
const SETTINGS = { flush: { rows: 150, ageMs: 100 }, merge: { intervalMs: 5, minFiles: 3, maxFiles: 6 } };

/** A store in a process of its own, to be killed. */
async function startStore(dir: string): Promise<ChildProcess> {
  const code = `
    import { Store } from '@signalbox/store/store';
    const log = { debug() {}, info() {}, warn() {}, error(m, f) { process.stderr.write(m + JSON.stringify(f) + '\\n'); } };
    await Store.open({ dir: ${JSON.stringify(join(dir, 'store'))}, journalDir: ${JSON.stringify(join(dir, 'journal'))}, settings: ${JSON.stringify(SETTINGS)}, logger: log });
    process.send('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', '--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(([exit]) => [`exit ${exit}`])]);
  assert.equal(message, 'ready');
  return child;
}

describe('a store that is killed', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  it('shows every acknowledged span exactly once, and the ledger is balanced', async function () {
    this.timeout(240_000);
    fixture = await StoreFixture.open(SETTINGS);
    await fixture.store.close();
    let sent = 0;
    let ended = false;
    const sending = (async () => {
      while (!ended) {
        const batch = Array.from({ length: 10 }, () => span({ traceId: (++sent).toString(16).padStart(32, '0') }));
        await fixture.appendTraces(traces('s', batch));
        await sleep(2);
      }
    })();
    for (let round = 0; round < 8; round++) {
      const child = await startStore(fixture.dir);
      await sleep(30 + Math.random() * 700);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    ended = true;
    await sending;
    await fixture.reopen();
    await fixture.fresh();
    const found = await fixture.store.readers.spans.search(context(), { range: ALL, conditions: [], limit: sent + 100, spansPerTrace: 0 });
    assert.equal(found.length, sent);
    assert.deepEqual(found.filter((trace) => trace.spanCount !== 1), []);
    await fixture.store.close();
    const [row, ...others] = await fixture.ledger();
    assert.deepEqual(others, []);
    assert.deepEqual({ delivered: row.delivered, queued: row.queued, dropped: row.dropped, redelivered: row.redelivered, balanced: row.balanced }, { delivered: sent, queued: 0, dropped: {}, redelivered: 0, balanced: true });
  });

  it('brings the cursor up to the manifest when the crash came in between', async () => {
    fixture = await StoreFixture.open();
    await fixture.appendTraces(traces('s', [span(), span()]));
    await fixture.fresh();
    // What a store leaves that died after the manifest and before the cursor: files and a manifest, and a cursor that knows nothing.
    const before = await fixture.ledger();
    assert.equal(before[0].delivered, 0);
    const cursors = join(fixture.dir, 'journal', 'cursors');
    await cp(cursors, join(fixture.dir, 'cursors-before'), { recursive: true });
    await fixture.store.close();
    assert.equal((await fixture.ledger())[0].delivered, 2);
    await rename(cursors, join(fixture.dir, 'cursors-after'));
    await rename(join(fixture.dir, 'cursors-before'), cursors);
    assert.equal((await fixture.ledger())[0].delivered, 0);
    await fixture.reopen();
    assert.equal((await fixture.ledger())[0].delivered, 2);
    await fixture.fresh();
    assert.equal((await fixture.store.readers.spans.trace(context(), span().traceId)).length, 2);
  });

  it('reads again what the journal still has when its own files are gone', async () => {
    fixture = await StoreFixture.open();
    await fixture.appendTraces(traces('s', [span(), span()]));
    await fixture.fresh();
    await fixture.store.close();
    await rm(fixture.storeDir, { recursive: true });
    await fixture.reopen();
    await fixture.fresh();
    assert.equal((await fixture.store.readers.spans.trace(context(), span().traceId)).length, 2);
    await fixture.appendTraces(traces('s', [span()]));
    await fixture.fresh();
    await fixture.store.close();
    const [row] = await fixture.ledger();
    assert.deepEqual([row.delivered, row.redelivered, row.queued, row.balanced], [3, 2, 0, true]);
  });

  it('removes what it does not know when it opens', async () => {
    fixture = await StoreFixture.open();
    const orphan = pathsOf(fixture.storeDir, { kind: 'spans', number: 77 });
    await writeFile(orphan.data, 'half a file');
    await writeFile(`${manifestPath(fixture.storeDir)}.tmp`, 'half a manifest');
    await fixture.reopen();
    await assert.rejects(access(orphan.data));
    await assert.rejects(access(`${manifestPath(fixture.storeDir)}.tmp`));
  });
});

describe('Store.open', () => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await StoreFixture.open();
  });
  afterEach(() => fixture.close());

  const open = (dir: string): Promise<Store> => Store.open({ dir, journalDir: join(fixture.dir, 'journal'), logger: fixture.log });

  it('refuses a directory that is in use, and says by whom', async () => {
    await assert.rejects(open(fixture.storeDir), { code: 'SBX_STORE_IN_USE', message: new RegExp(`${process.pid}`) });
  });

  it('refuses a store from a newer version', async () => {
    await fixture.store.close();
    await writeFile(manifestPath(fixture.storeDir), '{"version":99}');
    await assert.rejects(open(fixture.storeDir), { code: 'SBX_STORE_NEWER', message: /upgrade/ });
    await writeFile(manifestPath(fixture.storeDir), '{"version":1,"files":[{');
    await assert.rejects(open(fixture.storeDir), { code: 'SBX_STORE_DAMAGED' });
    await writeFile(manifestPath(fixture.storeDir), '{"version":1,"files":[{"kind":"x"}]}');
    await assert.rejects(open(fixture.storeDir), { code: 'SBX_STORE_DAMAGED' });
  });

  it('refuses a place where nothing can be written', async () => {
    const file = join(fixture.dir, 'a-file');
    await writeFile(file, '');
    await assert.rejects(open(join(file, 'store')), { code: 'SBX_STORE_NOT_WRITABLE', message: /not writable/ });
  });

  it('refuses settings that cannot work', async () => {
    await assert.rejects(Store.open({ dir: join(fixture.dir, 'other'), journalDir: fixture.dir, logger: fixture.log, settings: { retention: { minFreeShare: 2 } } }), { code: 'SBX_STORE_SETTING', message: /retention\.minFreeShare is 2/ });
  });
});
