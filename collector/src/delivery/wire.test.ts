import assert from 'node:assert/strict';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { countItems } from '@signalbox/signals/otlp/count';
import type { Batch, BatchPart } from '../component.js';
import { span, traces } from '../receivers/otlp/fixture.test.js';
import { createWorld, numbered, taken, until, type World } from './fixture.test.js';

/** What an exporter finds in the bytes. */
function wireNames({ wire, wireItems }: BatchPart): readonly string[] {
  assert.ok(wire !== undefined);
  const spans = decodeTraces(wire).resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans));
  return (wireItems ? Array.from(wireItems, (ordinal) => spans[ordinal]!) : spans).map(({ name }) => name);
}

describe('delivery: parts as bytes', () => {
  let world: World;
  let seen: { readonly names: readonly string[]; readonly ordinals: readonly number[]; readonly own: boolean }[];
  const look = (batch: Batch): void => {
    for (const part of batch.parts) {
      const names = wireNames(part);
      assert.equal(names.length, part.items);
      seen.push({ names, ordinals: [...part.ordinals], own: part.wireItems === null });
    }
  };
  const begin = async (): Promise<World> => {
    world = await createWorld();
    world.destinations.a.wire = true;
    seen = [];
    world.destinations.a.answer = (batch) => (look(batch), taken(batch));
    return world;
  };
  const settled = (): Promise<void> => until('the ledger is settled', async () => (await world.ledger()).queued === 0);
  afterEach(() => world.close());

  it('are the payload where nothing changed it, and leave rejected items out', async () => {
    const { append, start, destinations } = await begin();
    await append(3);
    await append(4, { rejected: [0, 2] });
    await start();
    await settled();
    assert.deepEqual(seen, [
      { names: ['s0', 's1', 's2'], ordinals: [0, 1, 2], own: true },
      { names: ['s4', 's6'], ordinals: [1, 3], own: false },
    ]);
    // The objects are there too, and are the same items.
    assert.deepEqual(destinations.a.names, ['s0', 's1', 's2', 's4', 's6']);
    assert.ok((await world.ledger()).balanced);
  });

  it('shrink with what is to be tried again', async () => {
    const { append, start, destinations } = await begin();
    await append(2);
    await append(6, { rejected: [1] });
    destinations.a.answer = (batch, call) => {
      look(batch);
      // Every other item, until one is left.
      const again = Array.from({ length: batch.items }, (_, i) => i).filter((i) => i % 2 === 1);
      return call > 8 ? taken(batch) : { kind: 'settled', delivered: batch.items - again.length, duplicate: 0, retry: { items: again }, rejected: [] };
    };
    await start('batch: { max_wait: 50ms }, retry_on_failure: { initial_interval: 1ms, max_interval: 2ms }');
    await settled();
    assert.deepEqual([...destinations.a.names].sort(), numbered(8).filter((name) => name !== 's3'));
    for (const { names } of seen) assert.deepEqual(names, [...new Set(names)]);
    const ofSecond = seen.filter(({ names }) => names.some((name) => Number(name.slice(1)) > 1));
    for (const { names, ordinals } of ofSecond) assert.deepEqual(names, ordinals.map((ordinal) => `s${ordinal + 2}`));
    assert.ok((await world.ledger()).balanced);
  });

  it('are made anew where a processor changed them', async () => {
    const { append, start } = await begin();
    await append(5);
    await append(4, { rejected: [0] });
    await start(undefined, 'traces: { receivers: [otlp], processors: [odd], exporters: [a] }');
    await settled();
    assert.deepEqual(seen.map(({ names, ordinals }) => [names, ordinals]), [[['s0', 's2', 's4'], [0, 2, 4]], [['s6', 's8'], [1, 3]]]);
    assert.deepEqual((await world.ledger()).dropped, { filtered: 3 });
  });

  it('that cannot be decoded end as undecodable when the exporter throws, and cost the others nothing', async () => {
    const { append, start, destinations, lines } = await begin();
    const broken = Buffer.from(encodeTraces(traces([span(1)]))).subarray(0, -1);
    await append(2);
    await append(1, { payload: broken, items: 1 });
    await append(9, { items: 10 });
    await append(2);
    destinations.a.answer = (batch) => {
      for (const { wire, items } of batch.parts) assert.equal(countItems(decodeTraces(wire!)), items);
      return taken(batch);
    };
    await start('batch: { max_wait: 50ms }');
    await settled();
    const row = await world.ledger();
    assert.deepEqual([row.delivered, row.dropped, row.balanced], [4, { undecodable: 11 }, true]);
    assert.deepEqual(destinations.a.names, ['s0', 's1', 's12', 's13']);
    assert.match(lines.join(''), /SBX_DELIVERY_UNDECODABLE/);
  });

  it('are of no use to others, who get objects of the same frames', async () => {
    const { append, start, destinations } = await begin();
    for (let i = 0; i < 10; i++) await append(3);
    await start(undefined, 'traces: { receivers: [otlp], exporters: [a, b] }');
    await until('both settled', async () => (await world.ledger('traces→a')).queued === 0 && (await world.ledger('traces→b')).queued === 0);
    assert.deepEqual(destinations.b.names, numbered(30));
    assert.deepEqual(seen.flatMap(({ names }) => names), numbered(30));
    for (const { parts } of destinations.b.calls) for (const part of parts) assert.equal(part.wire, undefined);
  });
});
