import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Cursor } from '@signalbox/journal/cursor';
import { createWorld, later, taken, until, type World } from '../delivery/fixture.test.js';
import { snapshotPath } from './snapshot-file.js';

const PIPELINE = 'traces: { receivers: [otlp], processors: [numbering], exporters: [a] }';
const named = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `s${from + i}#${from + i + 1}`);

describe('processors with a memory', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  const start = () => world.start(undefined, PIPELINE);
  const delivered = (names: readonly string[]): Promise<void> => until(`${names.length} delivered`, () => world.destinations.a.names.length >= names.length);
  const settled = (): Promise<void> => until('settled', async () => (await world.ledger()).queued === 0);
  const snapshot = (): Promise<Buffer | null> => readFile(snapshotPath(world.dir, 'traces→a')).catch(() => null);

  it('remember over a restart', async () => {
    await world.append(3);
    const first = await start();
    await settled();
    await first.stop();
    await world.append(4);
    await start();
    await settled();
    assert.deepEqual(world.destinations.a.names, named(0, 7));
  });

  it('see again what is behind their snapshot and settled, and send none of it again', async () => {
    const first = await start();
    await world.append(3);
    await settled();
    world.aheadMs += 10_000;
    await world.append(2);
    await until('a snapshot', async () => (await snapshot()) !== null);
    await settled();
    await world.append(4);
    await settled();
    world.destinations.a.answer = () => later();
    const calls = world.destinations.a.calls.length;
    await world.append(1);
    await until('it was tried', () => world.destinations.a.calls.length > calls);
    await first.stop();
    world.destinations.a.answer = taken;
    await start();
    await settled();
    assert.deepEqual(world.destinations.a.names, named(0, 10));
    const row = await world.ledger();
    assert.deepEqual([row.delivered, row.balanced], [10, true]);
  });

  it('see again everything when they stopped before the first snapshot', async () => {
    const first = await start();
    await world.append(3);
    await settled();
    world.destinations.a.answer = () => later();
    await world.append(1);
    await until('it was tried', () => world.destinations.a.calls.length > 1);
    await first.stop();
    assert.equal(await snapshot(), null);
    world.destinations.a.answer = taken;
    await start();
    await settled();
    assert.deepEqual(world.destinations.a.names, named(0, 4));
  });

  it('hold the journal from their snapshot on', async () => {
    const first = await start();
    await world.append(3);
    await settled();
    world.destinations.a.answer = () => later();
    await world.append(1);
    await until('it was tried', () => world.destinations.a.calls.length > 1);
    await first.stop();
    const hold = await Cursor.open({ dir: world.dir, reader: 'traces→a#state', signals: [], from: 'end' });
    assert.equal(hold.position, 0);
    await hold.close();
    assert.doesNotMatch(world.lines.join(''), /FORGOTTEN/);
  });

  it('begin empty where the snapshot cannot be used, and say so', async () => {
    await world.append(3);
    const first = await start();
    await settled();
    await first.stop();
    await writeFile(snapshotPath(world.dir, 'traces→a'), 'nonsense');
    await world.append(1);
    await start();
    await delivered(named(0, 4));
    assert.deepEqual(world.destinations.a.names, [...named(0, 3), 's3#1']);
    assert.match(world.lines.join(''), /SBX_DERIVE_STATE.*damaged/);
  });
});
