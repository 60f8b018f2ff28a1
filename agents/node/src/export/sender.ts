/**
 * The sender thread. Exporting stands in a thread of its own, so that encoding and the network cost the application's
 * thread nothing, nothing of it keeps the application alive, and an ending process can wait for its last telemetry.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import { hostOf } from '../settings/otlp.js';
import type { Batch } from './batch.js';
import { createEncode, encodedOnce } from './sending/encode.js';
import { createSend } from './sending/exporters.js';
import type { Failure } from './failure.js';
import type { SenderReport, SenderRequest } from './messages.js';
import { isSenderData, OUTSTANDING } from './messages.js';
import { otlpExporter } from './sending/otlp-exporters.js';
import type { SpoolingOptions } from './sending/send-queue.js';
import { SendQueue } from './sending/send-queue.js';
import type { Spool, SpoolLoss } from './spool/spool.js';

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10_000;

const data: unknown = workerData;
const port = parentPort;
if (port !== null && isSenderData(data)) {
  const shared = new Int32Array(data.shared);
  const report = (message: SenderReport): void => port.postMessage(message);
  const warning = (...parts: readonly unknown[]): void => report({ kind: 'warning', text: parts.map(String).join(' ') });
  const silent = (): void => {};
  diag.setLogger({ error: warning, warn: warning, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);

  const lost = (signal: Signal, items: number, reason: SpoolLoss): void => report({ kind: 'spool-lost', signal, items, reason });
  const spool = data.spool === null ? null : new (await import('./spool/spool.js')).Spool({ ...data.spool, lost });
  const done = (): void => {
    Atomics.sub(shared, OUTSTANDING, 1);
    Atomics.notify(shared, OUTSTANDING);
  };
  const spooling = (signal: Signal, from: Spool): SpoolingOptions<Batch> => ({
    backlog: from.of(signal),
    kept: ({ items }) => {
      report({ kind: 'kept', signal, items });
      done();
    },
    delivered: ({ items }, failure) => report({ kind: 'delivered', signal, items, failure }),
    failed: (error) => warning(`[SBX_AGENT_SPOOL] what cannot be sent cannot be kept on disk either, only in memory: ${error instanceof Error ? error.message : String(error)}`),
  });

  const encode = createEncode(data.resource);
  const createQueue = (signal: Signal): SendQueue<Batch> =>
    new SendQueue<Batch>({
      send: createSend(signal, data.targets[signal], otlpExporter),
      settled: (batch, failure) => {
        report({ kind: 'settled', signal, items: batch.items, failure });
        done();
        if (draining && failure?.kind === 'unreachable') abandonOthers(signal, failure);
      },
      trouble: (failure) => report({ kind: 'trouble', signal, failure }),
      firstBackoffMs: FIRST_BACKOFF_MS,
      maxBackoffMs: MAX_BACKOFF_MS,
      ...(spool === null ? {} : { spool: spooling(signal, spool) }),
    });
  const queues: Readonly<Record<Signal, SendQueue<Batch>>> = {
    traces: createQueue('traces'),
    logs: createQueue('logs'),
    metrics: createQueue('metrics'),
  };

  let draining = false;
  /** Signals that go to the same place have nothing to hope for either. */
  const abandonOthers = (failed: Signal, failure: Failure): void => {
    for (const signal of SIGNALS) {
      if (signal !== failed && hostOf(data.targets[signal]) === hostOf(data.targets[failed])) queues[signal].abandon(failure);
    }
  };

  port.on('message', (request: SenderRequest) => {
    if (request.kind === 'batch') {
      const { items, payload } = request;
      queues[payload.signal].push({ signal: payload.signal, items, id: randomUUID(), bytes: encodedOnce(payload, encode) });
    } else {
      draining = true;
      for (const signal of SIGNALS) queues[signal].drain(request.graceMs);
    }
  });
  if (spool !== null) for (const signal of SIGNALS) queues[signal].start();
}
