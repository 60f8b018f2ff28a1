import assert from 'node:assert/strict';
import type { FrameInput } from '@signalbox/journal/frame';
import { createMetrics } from '../telemetry/metrics.js';
import { BatchIdInvalid, IntakeFull, JournalFailed } from './errors.js';
import { createIntake } from './intake.js';

const clock = { nowNs: () => 42n, monotonicMs: () => 0 };
const request = { signal: 'traces', encoding: 'otlp', tenant: 'default', payload: new Uint8Array(100), items: 3, rejected: [1] } as const;

describe('intake', () => {
  it('appends with the time received and the batch id', async () => {
    const appended: FrameInput[] = [];
    const intake = createIntake({ journal: { append: async (input) => (appended.push(input), { position: 0, duplicate: false }) }, clock, metrics: createMetrics() });
    await intake.accept({ ...request, batchId: 'b-1' });
    assert.deepEqual(appended, [{ ...request, batchId: 'b-1', receivedNs: 42n }]);
    await intake.from('otlp/second').accept(request);
    assert.deepEqual(appended[1], { ...request, origin: 'otlp/second', receivedNs: 42n });
  });

  it('holds the budget until the disk has it, then gives it back, whatever happened', async () => {
    const waiting: ((error?: Error) => void)[] = [];
    const journal = {
      append: () => new Promise<{ position: number; duplicate: boolean }>((resolve, reject) => {
        waiting.push((error) => (error ? reject(error) : resolve({ position: 0, duplicate: false })));
      }),
    };
    const intake = createIntake({ journal, maxInFlightBytes: 250, clock, metrics: createMetrics() });
    const first = intake.accept(request);
    const second = intake.accept(request);
    await assert.rejects(intake.accept(request), IntakeFull);
    assert.equal(intake.take(51), false);
    assert.equal(intake.from('otlp').take(51), false, 'one budget for all origins');
    assert.equal(intake.reserve(51), null);
    waiting[0]!();
    waiting[1]!(Object.assign(new Error('no space left'), { code: 'SBX_JOURNAL_FULL' }));
    await first;
    await assert.rejects(second, (error) => error instanceof JournalFailed && error.code === 'SBX_JOURNAL_FULL' && /no space left/.test(error.message));
    const give = intake.reserve(250);
    assert.ok(give);
    give();
    give();
    assert.ok(intake.take(250));
    assert.equal(intake.take(1), false);
  });

  it('does not charge twice for what the receiver has taken', async () => {
    const intake = createIntake({ journal: { append: async () => ({ position: 0, duplicate: true }) }, maxInFlightBytes: 100, clock, metrics: createMetrics() });
    assert.ok(intake.take(100));
    await intake.accept({ ...request, reserved: true });
    await assert.rejects(intake.accept(request), IntakeFull);
  });

  it('refuses batch ids that cannot be kept', async () => {
    const intake = createIntake({ journal: { append: async () => ({ position: 0, duplicate: false }) }, clock, metrics: createMetrics() });
    for (const batchId of ['', 'x'.repeat(129), 'a b', 'ä']) await assert.rejects(intake.accept({ ...request, batchId }), BatchIdInvalid);
  });
});
