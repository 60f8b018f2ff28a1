import assert from 'node:assert/strict';
import type { SenderReport, SenderRequest } from '../messages.js';
import { OUTSTANDING } from '../messages.js';
import type { Payload } from '../messages.js';
import { Outbox } from './outbox.js';

const LOGS: Payload = { signal: 'logs', records: [] };
const AWAY = { kind: 'unreachable', text: 'refused', retryable: true } as const;

function harness() {
  const log: string[] = [];
  const senders: { requests: SenderRequest[]; report: (message: SenderReport) => void; lost: (reason: string) => void; settle: () => void }[] = [];
  const clock = { ms: 0 };
  const outbox = new Outbox({
    start(shared, report, lost) {
      const requests: SenderRequest[] = [];
      senders.push({
        requests, report, lost,
        settle() {
          Atomics.sub(new Int32Array(shared), OUTSTANDING, 1);
          report({ kind: 'settled', signal: 'logs', items: 3, failure: null });
        },
      });
      return {
        post(request) {
          structuredClone(request);
          requests.push(request);
        },
      };
    },
    maxOutstanding: 2,
    sent: (signal, items) => log.push(`sent ${items} ${signal}`),
    failed: (signal, failure, items) => log.push(`${failure.kind} ${items} ${signal}`),
    spoolLost: (signal, items, reason) => log.push(`${reason} ${items} ${signal}`),
    warning: (text) => log.push(text),
    nowMs: () => clock.ms,
  });
  return { outbox, log, senders, clock };
}

describe('Outbox', () => {
  it('starts its sender with the first batch and is ready for so many at once', () => {
    const { outbox, log, senders } = harness();
    let ready = 0;
    outbox.onReady('logs', () => (ready += 1));
    assert.equal(senders.length, 0);
    outbox.send(LOGS, 3, () => null);
    assert.equal(outbox.ready('logs'), true);
    outbox.send(LOGS, 3, () => null);
    assert.equal(outbox.ready('logs'), false);
    assert.equal(outbox.ready('traces'), true);
    assert.equal(senders.length, 1);
    senders[0]?.settle();
    assert.equal(outbox.ready('logs'), true);
    assert.equal(ready, 1);
    assert.deepEqual(log, ['sent 3 logs']);
  });

  it('tells of tries that failed and of items that are lost', () => {
    const { outbox, log, senders } = harness();
    outbox.send(LOGS, 3, () => null);
    senders[0]?.report({ kind: 'trouble', signal: 'logs', failure: AWAY });
    senders[0]?.report({ kind: 'settled', signal: 'logs', items: 3, failure: AWAY });
    assert.deepEqual(log, ['unreachable 0 logs', 'unreachable 3 logs']);
  });

  it('sends what can be sent of a batch that holds a function', () => {
    const { outbox, log, senders } = harness();
    const bad = { signal: 'logs', records: [{ attributes: { f: () => 1 } }] } as unknown as Payload;
    outbox.send(bad, 3, () => ({ payload: LOGS, items: 2 }));
    assert.equal(senders[0]?.requests.length, 1);
    assert.match(log.join(), /^1 of 3 items of logs hold values/);
    outbox.send(bad, 3, () => null);
    assert.equal(senders[0]?.requests.length, 1);
    senders[0]?.settle();
    assert.equal(outbox.drain(1_000), 0);
  });

  it('waits for what is under way, and no longer than it may', () => {
    const { outbox, senders, clock } = harness();
    assert.equal(outbox.drain(1_000), 0, 'nothing was ever sent');
    outbox.send(LOGS, 3, () => null);
    clock.ms = 5;
    assert.equal(outbox.drain(0), 1);
    assert.deepEqual(senders[0]?.requests.at(-1), { kind: 'drain', graceMs: 0 });
    senders[0]?.settle();
    assert.equal(outbox.drain(1_000), 0);
  });

  it('survives a sender that ends: what was under way is lost, and another one starts after a while', () => {
    const { outbox, log, senders, clock } = harness();
    outbox.send(LOGS, 3, () => null);
    senders[0]?.lost('out of memory');
    assert.equal(outbox.ready('logs'), true);
    assert.match(log.join('|'), /ended \(out of memory\).*\|rejected 3 logs$/);
    outbox.send(LOGS, 1, () => null);
    assert.equal(log.at(-1), 'rejected 1 logs');
    clock.ms = 60_000;
    outbox.send(LOGS, 1, () => null);
    assert.equal(senders.length, 2);
    assert.equal(outbox.drain(0), 1);
  });
});
