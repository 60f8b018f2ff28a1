import assert from 'node:assert/strict';
import { createWorld, numbered, until, type World } from './fixture.test.js';

const FAST = 'batch: { max_wait: 0s }';
const OTHER = 'batch: { max_wait: 1ms }';
const A = 'traces: { receivers: [otlp], exporters: [a] }';
const BOTH = 'traces: { receivers: [otlp], exporters: [a, b] }';

describe('delivery reload', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  /** Appends while `work` runs, and then until all of it has arrived at both. */
  const underLoad = async (work: () => Promise<void>): Promise<void> => {
    let done = false;
    const load = (async () => {
      while (!done) await world.append(3);
    })();
    await work();
    done = true;
    await load;
  };
  const allArrived = (name: 'a' | 'b', count: number): Promise<void> => until(`all arrived at ${name}`, () => new Set(world.destinations[name].names).size === count);
  const accepted = async (): Promise<number> => (await world.ledger('traces→b')).accepted;

  it('runs on what is the same, starts what is new, and neither loses nor repeats anything', async () => {
    const delivery = await world.start(FAST, BOTH);
    await underLoad(async () => {
      for (let i = 0; i < 6; i++) {
        await world.append(2);
        await delivery.reload(world.configuration(i % 2 === 0 ? OTHER : FAST, BOTH));
      }
    });
    const count = await accepted();
    await allArrived('a', count);
    await allArrived('b', count);
    const { a, b } = world.destinations;
    assert.equal(a.shutdowns, 6, 'the exporter whose section changed began anew each time');
    assert.equal(b.shutdowns, 0, 'the other one ran on');
    assert.deepEqual(b.names, numbered(count));
    assert.deepEqual([...new Set(a.names)], numbered(count));
    await until('both balance', async () => (await world.ledger('traces→a')).queued === 0 && (await world.ledger('traces→b')).queued === 0);
    assert.deepEqual([(await world.ledger('traces→a')).balanced, (await world.ledger('traces→b')).balanced], [true, true]);
  });

  it('starts a reader that is added, and one that was taken out goes on where it was', async () => {
    const delivery = await world.start(FAST, A);
    await world.append(4);
    await delivery.reload(world.configuration(FAST, BOTH));
    assert.deepEqual(delivery.readers, ['traces→a', 'traces→b']);
    await allArrived('b', 4);
    await delivery.reload(world.configuration(FAST, A));
    assert.deepEqual(delivery.readers, ['traces→a']);
    assert.equal(world.destinations.b.shutdowns, 1);
    await world.append(4);
    await allArrived('a', 8);
    assert.equal(world.destinations.b.names.length, 4);
    await delivery.reload(world.configuration(FAST, BOTH));
    await allArrived('b', 8);
    assert.deepEqual(world.destinations.b.names, numbered(8));
  });
});
