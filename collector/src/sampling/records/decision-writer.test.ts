import { strict as assert } from 'node:assert';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeDecisions } from './decision-frames.js';
import { readDecisions, readToldDecisions } from './decision-record.js';
import type { DecisionReason } from './decision-reason.js';
import { DecisionRecords, DecisionWords, type DecidedTrace } from './decision-writer.js';

const TIME_NS = 1_700_000_000_123_456_789n;
/** Around every length that a number has on the wire. */
const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35, 2 ** 42 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER];

describe('sampling/decision-writer', () => {
  const words = new DecisionWords();
  const reasonOf = (policies: readonly string[], early: boolean): DecisionReason => ({ sampled: policies.length % 2 === 1, early, policy: policies[0] ?? '', verdicts: policies.map((policy, i) => ({ policy, verdict: i === 0 ? 'sampled' : 'not_sampled' })) });
  const idOf = (i: number): string => String.fromCharCode(...Array.from({ length: 16 }, (_, k) => (i * 89 + k * 53 + 128) & 255));
  const hex = (id: string): string => Buffer.from(id, 'latin1').toString('hex');

  function framesOf(records: ReadonlyMap<string, DecisionRecords>): ReturnType<typeof encodeDecisions> {
    return encodeDecisions({ plan: { pipeline: 'traces/é', sampler: { id: 'tail_sampling/1' } }, incarnation: 'ab', first: 7, decidedBefore: 100, decidedBeforeAtEnd: 2 ** 52, records, tenant: 'nobody' });
  }

  function recordOf(id: string, sampled: boolean, attributes: LogRecord['attributes']): LogRecord {
    return { timeNs: TIME_NS, observedTimeNs: TIME_NS, severityNumber: 9, severityText: '', body: sampled ? 'sampled' : 'not_sampled', attributes, droppedAttributesCount: 0, flags: 0, traceId: hex(id), spanId: '', eventName: 'signalbox.tail_sampling' };
  }

  it('writes requests that say all there is to say, whatever the numbers and the policies', () => {
    const records = new DecisionRecords(words, 1000);
    const wanted: LogRecord[] = [];
    const policies = [[], ['slow'], ['a'.repeat(200), 'é—policy'], Array.from({ length: 400 }, (_, i) => `policy number ${i} of many, with a long name`)];
    NUMBERS.forEach((from, i) => {
      const to = NUMBERS[(i * 7) % NUMBERS.length];
      const trace: DecidedTrace = { id: idOf(i), from, to, spans: NUMBERS[(i * 3) % NUMBERS.length], durationMs: NUMBERS[(i * 5) % NUMBERS.length] };
      const reason = reasonOf(policies[i % policies.length], i % 3 === 0);
      records.decided(trace, reason, TIME_NS);
      wanted.push(recordOf(trace.id, reason.sampled, [
        { key: 'sampling.policy', value: reason.policy },
        { key: 'sampling.verdicts', value: new KeyValueList(reason.verdicts.map((each) => ({ key: each.policy, value: each.verdict }))) },
        ...(reason.early ? [{ key: 'sampling.early', value: true }] : []),
        { key: 'trace.duration_ms', value: BigInt(trace.durationMs) }, { key: 'trace.span_count', value: BigInt(trace.spans) },
        { key: 'sampling.first_position', value: BigInt(from) }, { key: 'sampling.last_position', value: BigInt(to) },
      ]));
      records.late({ id: idOf(i + 50), sampled: i % 2 === 0, from, to }, 'slow', TIME_NS);
      wanted.push(recordOf(idOf(i + 50), i % 2 === 0, [
        { key: 'sampling.policy', value: 'slow' }, { key: 'sampling.late', value: true },
        { key: 'sampling.first_position', value: BigInt(from) }, { key: 'sampling.last_position', value: BigInt(to) },
      ]));
    });
    const [frame, ...more] = framesOf(new Map([['acme', records]]));
    assert.deepEqual([more.length, frame.items, frame.tenant, frame.origin, frame.batchId], [0, wanted.length, 'acme', 'tail_sampling/1', 'decisions:traces/é:ab:7']);
    assert.deepEqual(decodeLogs(frame.payload), { resourceLogs: [{
      resource: { attributes: [{ key: 'service.name', value: 'signalbox' }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeLogs: [{ scope: { name: 'signalbox.tail_sampling', version: '', attributes: [{ key: 'sampling.pipeline', value: 'traces/é' }, { key: 'sampling.decided_before', value: 2n ** 52n }], droppedAttributesCount: 0 }, schemaUrl: '', logRecords: wanted }],
    }] });
    assert.deepEqual(readDecisions(frame.payload).decisions, readToldDecisions(frame.payload).map(({ id, sampled, from, to }) => ({ id, sampled, from, to })));
  });

  it('makes frames of so many records at the most, and only the last says that all is decided', () => {
    for (const count of [0, 1, 9, 10, 11, 20, 25]) {
      const [a, b] = [new DecisionRecords(words, 10), new DecisionRecords(words, 10)];
      for (let i = 0; i < count; i++) a.decided({ id: idOf(i), from: i, to: i, spans: 1, durationMs: 1 }, reasonOf(['p'], false), TIME_NS);
      b.decided({ id: idOf(99), from: 99, to: 99, spans: 1, durationMs: 1 }, reasonOf([], false), TIME_NS);
      const frames = framesOf(new Map([['a', a], ['b', b]]));
      assert.deepEqual(frames.map(({ tenant, items }) => `${tenant} ${items}`), [...Array.from({ length: Math.ceil(count / 10) }, (_, i) => `a ${Math.min(10, count - i * 10)}`), 'b 1']);
      assert.deepEqual(frames.flatMap(({ payload }) => readDecisions(payload).decisions.map(({ from }) => from)), [...Array.from({ length: count }, (_, i) => i), 99]);
      assert.deepEqual(frames.map(({ payload }) => readDecisions(payload).decidedBefore), [...frames.slice(1).map(() => 100), 2 ** 52]);
      assert.deepEqual(frames.map(({ batchId }) => batchId), frames.map((_, i) => `decisions:traces/é:ab:${7 + i}`));
    }
    assert.deepEqual(framesOf(new Map()).map(({ tenant, items }) => [tenant, items]), [['nobody', 0]]);
  });
});
