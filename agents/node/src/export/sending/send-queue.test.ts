import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from '../failure.js';
import type { Backlog } from './send-queue.js';
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
    queue.drain(0);
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

/** A disk, as a list; it fails while told to. */
class ListBacklog implements Backlog<string> {
  broken = false;

  constructor(readonly batches: string[]) {}

  async keep(batch: string): Promise<null> {
    await turn();
    if (this.broken) throw new Error('disk full');
    this.batches.push(batch);
    return null;
  }

  async oldest() {
    await turn();
    const [batch] = this.batches;
    return batch === undefined ? null : { batch, settle: async () => void this.batches.shift() };
  }
}

function spooling({ answers = [], disk = [], firstBackoffMs = 1, send }: { answers?: (Failure | null)[]; disk?: string[]; firstBackoffMs?: number; send?: () => Promise<Failure | null> }) {
  const log: string[] = [];
  const backlog = new ListBacklog(disk);
  const outcome = (batch: string, failure: Failure | null): void => void log.push(`${failure === null ? 'sent' : failure.kind} ${batch}`);
  const queue = new SendQueue<string>({
    send: send ?? (async (batch) => {
      log.push(`send ${batch}`);
      return answers.shift() ?? null;
    }),
    settled: outcome,
    trouble: () => void log.push('trouble'),
    firstBackoffMs,
    maxBackoffMs: 60_000,
    spool: { backlog, kept: (batch) => void log.push(`kept ${batch}`), delivered: outcome, failed: (error) => void log.push(error instanceof Error ? error.message : '') },
  });
  const until = async (line: string): Promise<void> => {
    while (!log.includes(line)) await turn();
  };
  return { queue, log, backlog, until };
}

describe('SendQueue with a spool', () => {
  it('leaves the disk alone while all is well', async () => {
    const { queue, log, until } = spooling({});
    queue.push('a');
    queue.push('b');
    await until('sent b');
    assert.deepEqual(log, ['send a', 'sent a', 'send b', 'sent b']);
  });

  it('sends what an earlier process left first, without a batch of its own', async () => {
    const { queue, log, backlog, until } = spooling({ disk: ['x', 'y'] });
    queue.start();
    await until('sent y');
    assert.deepEqual(log, ['send x', 'sent x', 'send y', 'sent y']);
    assert.deepEqual(backlog.batches, []);
  });

  it('keeps what cannot be sent, and everything behind it, and sends it in order', async () => {
    const { queue, log, backlog, until } = spooling({ answers: [AWAY, AWAY], firstBackoffMs: 50 });
    queue.push('a');
    queue.push('b');
    await until('kept b');
    queue.push('c');
    await until('kept c');
    assert.deepEqual(backlog.batches, ['a', 'b', 'c']);
    await until('sent c');
    assert.deepEqual(log.filter((line) => line.startsWith('sent')), ['sent a', 'sent b', 'sent c']);
    assert.deepEqual(backlog.batches, []);
  });

  it('keeps what it cannot send at the end, and gives nothing up', async () => {
    const { queue, log, backlog, until } = spooling({ answers: [AWAY, AWAY, AWAY], firstBackoffMs: 60_000 });
    queue.push('a');
    await until('kept a');
    queue.push('b');
    queue.drain(60_000);
    queue.push('c');
    await until('kept c');
    assert.deepEqual(backlog.batches, ['a', 'b', 'c']);
    assert.ok(!log.some((line) => line.startsWith('unreachable')));
  });

  it('keeps a batch whose answer does not come before the end', async () => {
    const { queue, backlog, until } = spooling({ send: () => new Promise(() => {}) });
    queue.push('a');
    queue.push('b');
    await turn();
    queue.drain(0);
    await until('kept b');
    assert.deepEqual(backlog.batches, ['a', 'b']);
  });

  it('stays in memory while the disk fails', async () => {
    const { queue, log, backlog, until } = spooling({ answers: [AWAY] });
    backlog.broken = true;
    queue.push('a');
    queue.push('b');
    await until('sent b');
    assert.deepEqual(log, ['send a', 'trouble', 'disk full', 'send a', 'sent a', 'send b', 'sent b']);
  });

  it('gives up at the end what neither the collector nor the disk takes', async () => {
    const { queue, log, backlog, until } = spooling({ answers: [AWAY] });
    backlog.broken = true;
    queue.drain(60_000);
    queue.push('a');
    await until('unreachable a');
    assert.deepEqual(log, ['send a', 'disk full', 'unreachable a']);
  });
});
