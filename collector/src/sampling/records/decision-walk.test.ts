import { strict as assert } from 'node:assert';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { encodeDecisions, MAX_RECORDS } from './decision-frames.js';
import { readDecisions, readToldDecisions } from './decision-record.js';
import type { DecisionReason } from './decision-reason.js';
import { DecisionRecords, DecisionWords } from './decision-writer.js';
import { TraceFacts } from '../trace-facts.js';

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
  const records = new DecisionRecords(new DecisionWords(), MAX_RECORDS);
  traces.forEach((trace, i) => {
    if (i % 5 === 4) records.late({ id: trace.id, sampled: i % 2 === 0, from: trace.from, to: trace.to }, 'slow', TIME_NS);
    else records.decided(trace, reason(i % 3 === 0, i % 4 === 0), TIME_NS);
  });
  const frame = (before: number, of: ReadonlyMap<string, DecisionRecords>): Uint8Array => encodeDecisions({ plan: { pipeline: 'traces', sampler: { id: 'tail_sampling' } }, incarnation: 'a', first: 0, decidedBefore: 0, decidedBeforeAtEnd: before, records: of, tenant: 'default' })[0].payload;
  const payload = frame(2 ** 41, new Map([['default', records]]));

  it('reads what the whole records say', () => {
    const { decidedBefore, decisions } = readDecisions(payload);
    assert.equal(decidedBefore, 2 ** 41);
    assert.deepEqual(decisions, readToldDecisions(payload).map(({ id, sampled, from, to }) => ({ id, sampled, from, to })));
    assert.deepEqual(decisions.map(({ id, from, to }) => [id, from, to]), traces.map(({ id, from, to }) => [id, from, to]));
  });

  it('reads a frame that only says how far is decided', () => {
    assert.deepEqual(readDecisions(frame(7, new Map())), { decidedBefore: 7, decisions: [] });
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
