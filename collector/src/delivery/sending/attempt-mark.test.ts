import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptMark } from './attempt-mark.js';
import { createWorld, later, taken, type World } from '../fixture.test.js';

const JOURNAL = '0190a7c5-1e3f-7a0b-9c2d-3e4f5a6b7c8d';

describe('delivery/attempt-mark', () => {
  let dir: string;
  beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'signalbox-mark-'))));
  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function reopened(journal = JOURNAL): Promise<number> {
    const mark = await AttemptMark.open(dir, 'traces→a', journal);
    await mark.close();
    return mark.position;
  }

  it('only rises, and is there for who comes next, of the same journal', async () => {
    const mark = await AttemptMark.open(dir, 'traces→a', JOURNAL);
    assert.equal(mark.position, 0);
    for (const position of [123_456, 7_000_000_000, 5]) mark.raise(position);
    // As after SIGKILL: nobody closed it.
    assert.equal(await reopened(), 7_000_000_000);
    await mark.close();
    assert.equal(await reopened('11111111-1e3f-7a0b-9c2d-3e4f5a6b7c8d'), 0);
  });

  it('takes a damaged file for none', async () => {
    await reopened();
    const [reader] = await readdir(join(dir, 'deliver'));
    await writeFile(join(dir, 'deliver', reader!, 'attempted'), `${JOURNAL} 12`);
    assert.equal(await reopened(), 0);
  });
});

describe('delivery after an attempt that nobody booked', () => {
  let world: World;
  beforeEach(async () => (world = await createWorld()));
  afterEach(() => world.close());

  it('says so to the exporter and in the ledger, of those frames alone', async () => {
    const { destinations: { a } } = world;
    let hung = (): void => undefined;
    const hangs = new Promise<void>((resolve) => (hung = resolve));
    a.answer = (_batch, _call, signal) => new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(later(true)), { once: true });
      hung();
    });
    await world.append(3);
    const delivery = await world.start();
    await hangs;
    await world.append(2);
    await delivery.stop(0);
    const before = a.calls.length;
    a.answer = taken;
    await world.start();
    while ((await world.ledger()).queued > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(a.calls.slice(before).flatMap(({ parts }) => parts.map(({ items, attempted }) => [items, attempted === true])), [[3, true], [2, false]]);
    const row = await world.ledger();
    assert.deepEqual([row.delivered, row.outcomeUnknown, row.redelivered, row.balanced], [5, 3, 3, true]);
  });
});
