import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from './failure.js';
import { SendQueue } from './send-queue.js';

const AWAY: Failure = { kind: 'unreachable', text: 'refused', retryable: true };
const REFUSED: Failure = { kind: 'unauthenticated', text: 'no token', retryable: false };

function harness(answers: (Failure | null)[], firstBackoffMs = 1) {
  const log: string[] = [];
  const queue = new SendQueue<string>({
    send: async (batch) => {
      log.push(`send ${batch}`);
      return answers.length > 0 ? (answers.shift() ?? null) : null;
    },
    settled: (batch, failure) => {
      log.push(`${failure === null ? 'sent' : failure.kind} ${batch}`);
    },
    trouble: (failure) => {
      log.push(`trouble ${failure.kind}`);
    },
    firstBackoffMs,
    maxBackoffMs: 60_000,
  });
  /** Until so many lines are in the log; mocha's time-out says when they never come. */
  const lines = async (count: number): Promise<void> => {
    while (log.length < count) await turn();
  };
  return { queue, log, lines };
}

describe('SendQueue', () => {
  it('tries the same batch again until the collector is back, and keeps the order', async () => {
    const { queue, log, lines } = harness([AWAY, AWAY]);
    queue.push('a');
    queue.push('b');
    await lines(8);
    assert.deepEqual(log, ['send a', 'trouble unreachable', 'send a', 'trouble unreachable', 'send a', 'sent a', 'send b', 'sent b']);
  });

  it('gives up at once what can never succeed', async () => {
    const { queue, log, lines } = harness([REFUSED]);
    queue.push('a');
    await lines(2);
    assert.deepEqual(log, ['send a', 'unauthenticated a']);
  });

  it('waits no more once drained, and gives up the rest after one failure', async () => {
    const { queue, log, lines } = harness([AWAY, AWAY], 60_000);
    queue.push('a');
    queue.push('b');
    await lines(2);
    queue.drain();
    await lines(5);
    assert.deepEqual(log, ['send a', 'trouble unreachable', 'send a', 'unreachable a', 'unreachable b']);
  });

  it('can be abandoned, the batch under way included', async () => {
    const { queue, log, lines } = harness([AWAY]);
    queue.push('a');
    queue.push('b');
    queue.abandon(AWAY);
    await lines(3);
    await turn();
    assert.deepEqual(log, ['send a', 'unreachable a', 'unreachable b']);
  });

  it('starts again after it ran empty', async () => {
    const { queue, log, lines } = harness([]);
    queue.push('a');
    await lines(2);
    await turn();
    queue.push('b');
    await lines(4);
    assert.deepEqual(log, ['send a', 'sent a', 'send b', 'sent b']);
  });
});
