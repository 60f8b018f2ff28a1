import { strict as assert } from 'node:assert';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decisionData, decisionRecord, lateRecord, readDecisions, readToldDecisions } from './decision-record.js';
import type { DecisionReason } from './decision-reason.js';
import { TraceFacts } from './trace-facts.js';

const TIME_NS = 1_700_000_000_000_000_000n;

function facts(i: number): TraceFacts {
  const trace = new TraceFacts('default', String.fromCharCode(...Array.from({ length: 16 }, (_, k) => (i * 31 + k * 17 + 1) & 255)), 2 ** 40 + i * 1000, 0);
  trace.spans = i;
  trace.time(400_000_000, i, 400_000_000, i * 3_000_000);
  trace.to = trace.from + i;
  return trace;
}

function reason(sampled: boolean, early: boolean): DecisionReason {
  return { sampled, early, policy: sampled ? 'slow' : '', verdicts: [{ policy: 'slow', verdict: sampled ? 'sampled' : 'not_sampled' }, { policy: 'sampling.first_position', verdict: 'not_sampled' }] };
}

describe('sampling/decision-walk', () => {
  const traces = Array.from({ length: 40 }, (_, i) => facts(i));
  const records = traces.map((trace, i) => (i % 5 === 4 ? lateRecord({ id: trace.id, sampled: i % 2 === 0, from: trace.from, to: trace.to }, 'slow', TIME_NS) : decisionRecord(trace, reason(i % 3 === 0, i % 4 === 0), TIME_NS)));
  const payload = encodeLogs(decisionData('traces', 2 ** 41, records));

  it('reads what the whole records say', () => {
    const { decidedBefore, decisions } = readDecisions(payload);
    assert.equal(decidedBefore, 2 ** 41);
    assert.deepEqual(decisions, readToldDecisions(payload).map(({ id, sampled, from, to }) => ({ id, sampled, from, to })));
    assert.deepEqual(decisions.map(({ id, from, to }) => [id, from, to]), traces.map(({ id, from, to }) => [id, from, to]));
  });

  it('reads a frame that only says how far is decided', () => {
    assert.deepEqual(readDecisions(encodeLogs(decisionData('traces', 7, []))), { decidedBefore: 7, decisions: [] });
  });

  it('throws nothing but its error where bytes are missing', () => {
    for (let length = 0; length < payload.length; length += 7) {
      try {
        readDecisions(payload.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof OtlpError);
      }
    }
    assert.throws(() => readDecisions(payload.subarray(0, payload.length - 1)), OtlpError);
  });
});
