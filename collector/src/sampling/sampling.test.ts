import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../delivery/fixture.test.js';
import { ALL, configured, createSamplingWorld, ERRORS, spanOf, type SamplingWorld } from './fixture.test.js';

const FAILED = { status: { code: 2, message: '' } };

describe('tail sampling', function () {
  this.timeout(180_000);
  let world: SamplingWorld;
  beforeEach(async () => {
    world = await createSamplingWorld();
  });
  afterEach(() => world.close());

  const balanced = async (...readers: readonly string[]): Promise<void> => {
    for (const reader of readers) {
      await until(`${reader} is settled`, async () => (await world.ledger(reader)).queued === 0);
      assert.equal((await world.ledger(reader)).balanced, true);
    }
  };

  it('keeps and drops whole traces, the same at every exporter, and the ledger says what went', async () => {
    await world.send([spanOf(1, { name: '1a' }), spanOf(2, { name: '2a' })], 0);
    await world.send([spanOf(2, { name: '2b', ...FAILED }), spanOf(3, { name: '3a' })], 1);
    await world.send([spanOf(1, { name: '1b' }), spanOf(3, { name: '3b', ...FAILED })], 2);
    await world.send([spanOf(9, { name: 'later' })], 60);
    await world.start(configured(ERRORS));
    await until('the decided ones arrive', () => world.destinations.a.names.length >= 4 && world.destinations.b.names.length >= 4);
    for (const name of ['a', 'b'] as const) assert.deepEqual(world.destinations[name].names, ['2a', '2b', '3a', '3b']);
    assert.deepEqual((await world.decisions()).map(({ trace, sampled }) => [trace, sampled]).slice(0, 3), [[1, false], [2, true], [3, true]]);
    await balanced('traces→a', 'traces→b');
    assert.deepEqual((await world.ledger('traces→a')).dropped, { not_sampled: 3 });
    assert.equal((await world.ledger('traces→a')).delivered, 4);
  });

  it('waits for the decision, and no longer; others are not kept waiting', async () => {
    await world.send([spanOf(1, { name: 'first' })]);
    await world.start(configured(ALL, { wait: '600s', pipelines: 'traces/all: { receivers: [otlp], exporters: [b] }' }));
    await until('it arrives where nothing is sampled', () => world.destinations.b.names.length === 1);
    assert.equal(world.destinations.a.names.length, 0);
    assert.equal((await world.ledger('traces→a')).queued, 1);
    await world.send([spanOf(2, { name: 'second' })], 3600 + 700);
    await until('what waited long enough arrives', () => world.destinations.a.names.length === 1);
    assert.deepEqual(world.destinations.a.names, ['first']);
  });

  it('lets late spans follow the decision', async () => {
    await world.start(configured(ERRORS));
    await world.send([spanOf(1, { name: '1a', ...FAILED }), spanOf(2, { name: '2a' })], 0);
    await world.send([spanOf(3, { name: '3a' })], 20);
    await until('the first arrives', () => world.destinations.a.names.length === 1);
    await world.send([spanOf(1, { name: '1late' }), spanOf(2, { name: '2late', ...FAILED })], 21);
    await world.send([spanOf(4, { name: '4a' })], 60);
    await until('the late one arrives', () => world.destinations.a.names.includes('1late') && world.destinations.b.names.includes('1late'));
    assert.deepEqual(world.destinations.a.names, ['1a', '1late']);
    assert.match(world.metrics.expose(), /otelcol_processor_tail_sampling_early_releases_from_cache_decision_total\{[^}]*sampled="false"[^}]*\} 1/);
  });

  it('lets the first decision stand, however often it is killed', async () => {
    // What it wants depends on when it is asked, and on what it has kept before.
    const few = '{ name: few, type: rate_limiting, rate_limiting: { spans_per_second: 40 } }';
    const child = `receivers: { otlp: {} }
processors: { tail_sampling: { decision_wait: 1s, policies: [${few}] } }
exporters: { debug: { output: stderr } }
service: { pipelines: { traces: { receivers: [otlp], processors: [tail_sampling], exporters: [debug] } } }`;
    const traces = 40;
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      const ids = Array.from({ length: traces }, (_, i) => 1 + round * traces + i);
      for (const part of ['a', 'b', 'c']) await world.send(ids.map((id) => spanOf(id, { name: `${id}${part}` })), round * 3 + part.charCodeAt(0) / 1000);
      await world.send([spanOf(100_000 + round)], round * 3 + 2);
      const decided = (await world.decisions()).length;
      const running = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL('./testing/sampling.child.ts', import.meta.url)), world.dir, world.socketPath, child], { stdio: ['ignore', 'ignore', 'ignore'] });
      const gone = new Promise((resolve) => running.once('exit', resolve));
      try {
        await until('it decides', async () => (await world.decisions()).length > decided);
      } finally {
        running.kill('SIGKILL');
        await gone;
      }
    }
    await world.send([spanOf(200_000)], rounds * 3 + 10);
    await world.start(configured(few, { wait: '1s' }));
    await until('all is decided', async () => new Set((await world.decisions()).map(({ trace }) => trace)).size === rounds * (traces + 1) + 1);
    const fates = new Map<number, Set<boolean>>();
    for (const { trace, sampled } of await world.decisions()) fates.set(trace, (fates.get(trace) ?? new Set()).add(sampled));
    assert.deepEqual([...fates].filter(([, fate]) => fate.size !== 1), []);
    const wanted = [...fates].filter(([trace, fate]) => trace < 100_000 && fate.has(true)).flatMap(([trace]) => [`${trace}a`, `${trace}b`, `${trace}c`]).sort();
    assert.ok(wanted.length > 0 && wanted.length < rounds * traces * 3);
    await until('they arrive', () => world.destinations.a.names.length >= wanted.length && world.destinations.b.names.length >= wanted.length);
    for (const name of ['a', 'b'] as const) assert.deepEqual(world.destinations[name].names.filter((each) => /^\d+[abc]$/.test(each)).sort(), wanted);
  });
});
