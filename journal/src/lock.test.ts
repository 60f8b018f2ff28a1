import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { JournalError } from './errors.js';
import { SMALL, child, exited, testScope } from './testing/fixture.test.js';
import { Journal } from './journal.js';
import { DirectoryLock } from './lock.js';

describe('DirectoryLock', function () {
  this.timeout(180_000);
  const scope = testScope();
  const inUse = (error: unknown): boolean => error instanceof JournalError && error.code === 'SBX_JOURNAL_IN_USE';

  it('names the process that has it, and does not outlive a killed one', async () => {
    const dir = scope.dir();
    const owner = child('./append-load.child.ts', [dir, '0']);
    scope.defer(() => owner.kill('SIGKILL'));
    await new Promise<void>((resolve) => owner.stdout!.once('data', () => resolve()));
    owner.stdout!.resume();
    await assert.rejects(Journal.open({ ...SMALL, dir }), (error: unknown) => inUse(error) && error instanceof Error && error.message.includes(`process ${owner.pid}`));
    owner.kill('SIGKILL');
    await exited(owner);
    await (await Journal.open({ ...SMALL, dir })).close();
  });

  it('goes to one alone of many that find its owner dead', async () => {
    const dir = scope.dir();
    const first = await DirectoryLock.acquire(dir);
    fs.writeFileSync(first.path, JSON.stringify({ ...first.owner, token: 'gone', started: '1' })); // same pid, another process
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => DirectoryLock.acquire(dir)));
    assert.equal(results.filter((each) => each.status === 'fulfilled').length, 1);
    for (const each of results) if (each.status === 'rejected') assert.ok(inUse(each.reason), String(each.reason));
    assert.equal(first.beat(), false);
  });

  it('can be taken again after release, any number of times', async () => {
    const dir = scope.dir();
    for (let i = 0; i < 5; i++) (await DirectoryLock.acquire(dir)).release();
    const held = await DirectoryLock.acquire(dir);
    assert.equal(held.beat(), true);
    await assert.rejects(DirectoryLock.acquire(dir), inUse);
    assert.equal(fs.readdirSync(dir).length, 1);
  });

  it('of an owner in another pid namespace holds while its heartbeat goes on', async () => {
    const dir = scope.dir();
    const foreign = await DirectoryLock.acquire(dir);
    fs.writeFileSync(foreign.path, JSON.stringify({ ...foreign.owner, scope: 'another boot' }));
    const heartbeat = setInterval(() => foreign.beat(), 100);
    await assert.rejects(DirectoryLock.acquire(dir), inUse);
    clearInterval(heartbeat);
    (await DirectoryLock.acquire(dir)).release();
    assert.equal(foreign.beat(), false);
  });

  it('is free where the lock file is torn', async () => {
    const dir = scope.dir();
    fs.writeFileSync(join(dir, 'lock.7'), '{"tok');
    (await DirectoryLock.acquire(dir)).release();
    assert.deepEqual(fs.readdirSync(dir), ['lock.8']);
  });

  it('lost to another process ends the appends', async () => {
    const dir = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir, housekeepingMs: 10 });
    scope.defer(() => journal.close());
    fs.writeFileSync(join(dir, 'lock.99'), '');
    for (const name of fs.readdirSync(dir)) if (/^lock\.\d$/.test(name)) fs.rmSync(join(dir, name));
    const frame = { signal: 'logs', encoding: 'otlp', tenant: 't', items: 1, rejected: [], receivedNs: 1n, payload: Buffer.from('x') } as const;
    await assert.rejects(async () => {
      for (;;) {
        await journal.append(frame);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, inUse);
  });
});
