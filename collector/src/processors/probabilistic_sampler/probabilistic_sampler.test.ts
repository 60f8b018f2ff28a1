import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes, frozen, log, logs, logsOf, plain, span, spansOf, traces } from '../editing/fixture.test.js';
import { probabilisticSampler } from './index.js';
import { hashedRandomness, hashedThreshold, probabilityOf, thresholdOf, thresholdText } from './threshold.js';
import { readTraceState, writeTraceState } from './trace-state.js';

const make = (raw: unknown): Processor => probabilisticSampler.create(probabilisticSampler.parseConfig(raw, detachedPlace('test')), testContext());
const traceId = (i: number): string => createHash('md5').update(String(i)).digest('hex');
const many = traces(Array.from({ length: 4000 }, (_, i) => span({ traceId: traceId(i) })));
const withRandomness = (randomness: string, traceState = ''): ReturnType<typeof span> => span({ traceId: `${'0'.repeat(17)}1${randomness}`, traceState });

describe('processors/probabilistic_sampler', () => {
  it('writes thresholds as the specification does', () => {
    const texts: [number, number, string | null][] = [[1, 4, '0'], [0.5, 4, '8'], [0.25, 4, 'c'], [0.75, 4, '4'], [0.1, 4, 'e666'], [0.1, 3, 'e66'], [1 / 3, 4, 'aaab'], [0.01, 4, 'fd70a'], [2 ** -56, 4, 'ffffffffffffff'], [0, 4, null], [2 ** -60, 4, null]];
    for (const [probability, precision, text] of texts) {
      const threshold = thresholdOf(probability, precision);
      assert.equal(threshold && thresholdText(threshold), text, String(probability));
    }
    assert.equal(probabilityOf('c0000000000000'), 0.25);
    assert.deepEqual([hashedThreshold(50), hashedThreshold(100), hashedThreshold(0.001)], ['80000000000000', '00000000000000', null]);
  });

  it('reads and writes tracestate', () => {
    assert.equal(writeTraceState(readTraceState('a=1, ot=th:8;rv:9b8233f7e3a151;p:1 ,b=2')!), 'ot=th:8;rv:9b8233f7e3a151;p:1,a=1,b=2');
    assert.equal(readTraceState('ot=th:xyz'), null);
    assert.equal(readTraceState('ot=rv:12'), null);
    assert.equal(readTraceState('ot=th:123456789abcdef'), null);
  });

  it("samples the specification's example", () => {
    const processor = make({ mode: 'proportional', sampling_percentage: 50 });
    const { batch, dropped } = processor.process(frozen(batchOf('default', traces([withRandomness('00000000000000', 'ot=th:0;rv:9b8233f7e3a151'), withRandomness('7fffffffffffff'), withRandomness('80000000000000', 'v=1')]))));
    assert.deepEqual([spansOf(batch).map((each) => each.traceState), [...batch.parts[0].ordinals], dropped], [['ot=th:8;rv:9b8233f7e3a151', 'ot=th:8,v=1'], [0, 2], [{ reason: 'sampled_out', items: 1 }]]);
  });

  it('counts what was sampled before: proportional multiplies, equalizing does not', () => {
    const sampled = (mode: string, percentage: number, traceState: string, randomness = 'ffffffffffffff'): string[] => spansOf(make({ mode, sampling_percentage: percentage }).process(batchOf('default', traces([withRandomness(randomness, traceState)]))).batch).map((each) => each.traceState);
    assert.deepEqual(sampled('proportional', 50, 'ot=th:8'), ['ot=th:c']);
    assert.deepEqual(sampled('equalizing', 50, 'ot=th:8'), ['ot=th:8']);
    assert.deepEqual(sampled('equalizing', 50, 'ot=th:c'), ['ot=th:c']);
    assert.deepEqual(sampled('equalizing', 25, 'ot=th:8', 'b0000000000000'), []);
  });

  for (const mode of ['proportional', 'equalizing', 'hash_seed']) {
    it(`${mode}: what passes at less passes at more, and about as much as was asked`, () => {
      const passed = (percentage: number): Set<string> => new Set(spansOf(make({ mode, sampling_percentage: percentage }).process(frozen(batchOf('default', many))).batch).map((each) => each.traceId));
      const few = passed(10);
      const more = passed(40);
      assert.ok([...few].every((id) => more.has(id)));
      assert.ok(few.size > 300 && few.size < 500, `${few.size} of 4000 at 10 %`);
      assert.ok(more.size > 1450 && more.size < 1750, `${more.size} of 4000 at 40 %`);
      assert.deepEqual([passed(100).size, passed(0).size], [4000, 0]);
    });
  }

  it('hashes with a seed, and notes the randomness', () => {
    const [only] = spansOf(make({ hash_seed: 7, sampling_percentage: 100 }).process(batchOf('default', traces([span()]))).batch);
    assert.equal(only.traceState, `ot=th:0;rv:${hashedRandomness(Buffer.from(only.traceId, 'hex'), 7)}`);
    assert.notEqual(hashedRandomness(Buffer.from(only.traceId, 'hex'), 7), hashedRandomness(Buffer.from(only.traceId, 'hex'), 8));
  });

  it('lets priorities decide', () => {
    const priority = (value: bigint | string): number => make({ sampling_percentage: 0.0001 }).process(batchOf('default', traces([span({ attributes: attributes({ 'sampling.priority': value }) })]))).batch.items;
    assert.deepEqual([priority(1n), priority('2'), priority(0n)], [1, 1, 0]);
    const logPriority = (value: bigint): number => make({ sampling_percentage: 0, sampling_priority: 'priority' }).process(batchOf('default', logs([log({ traceId: traceId(1), attributes: attributes({ priority: value }) })]))).batch.items;
    assert.deepEqual([logPriority(100n), logPriority(0n)], [1, 0]);
  });

  it('drops what contradicts itself, or passes it where it is told to', () => {
    const faulty = traces([withRandomness('10000000000000', 'ot=th:8'), span({ traceId: '' }), withRandomness('f0000000000000', 'ot=th:nonsense')]);
    assert.deepEqual(make({ sampling_percentage: 100 }).process(batchOf('default', faulty)).dropped, [{ reason: 'sampling_error', items: 3 }]);
    assert.deepEqual(spansOf(make({ sampling_percentage: 1, fail_closed: false }).process(batchOf('default', faulty)).batch).map((each) => each.traceState), ['', '', 'ot=th:nonsense']);
  });

  it('samples logs by trace, like their spans, or by an attribute', () => {
    const config = { sampling_percentage: 30, mode: 'proportional' };
    const spans = new Set(spansOf(make(config).process(batchOf('default', many)).batch).map((each) => each.traceId));
    const left = logsOf(make(config).process(frozen(batchOf('default', logs(Array.from({ length: 4000 }, (_, i) => log({ traceId: traceId(i) })))))).batch);
    assert.deepEqual(new Set(left.map((each) => each.traceId)), spans);
    assert.deepEqual(plain(left[0].attributes), { 'sampling.threshold': 'b333' });
    const pods = logs(Array.from({ length: 1000 }, (_, i) => log({ attributes: attributes({ pod: `pod-${i % 100}` }) })));
    const byPod = logsOf(make({ sampling_percentage: 50, attribute_source: 'record', from_attribute: 'pod' }).process(batchOf('default', pods)).batch);
    const kept = new Set(byPod.map((each) => plain(each.attributes)['pod']));
    assert.ok(kept.size > 30 && kept.size < 70);
    assert.equal(byPod.length, kept.size * 10);
    assert.deepEqual(make({ sampling_percentage: 50 }).process(batchOf('default', logs([log()]))).dropped, [{ reason: 'sampling_error', items: 1 }]);
  });

  it('refuses mistakes', () => {
    for (const [raw, reason] of [[{}, /sampling_percentage: a value is needed/], [{ sampling_percentage: -1 }, /sampling_percentage/], [{ sampling_percentage: 5, mode: 'proportinal' }, /Did you mean 'proportional'/], [{ sampling_percentage: 5, sampling_precision: 15 }, /sampling_precision/]] as const) {
      assert.throws(() => probabilisticSampler.parseConfig(raw, detachedPlace('test')), reason);
    }
  });
});
