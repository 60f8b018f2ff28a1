import { Worker } from 'node:worker_threads';
import type { Attributes } from '@opentelemetry/api';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpTarget } from '../settings/otlp.js';
import type { SpoolSettings } from '../settings/spool.js';
import type { SenderData, SenderReport } from './messages.js';
import { SENDER_MARK } from './messages.js';
import type { SenderThread } from './outbox/outbox.js';

/** Enough for the queues when full; a runaway sender ends before it harms the application. */
const MAX_HEAP_MB = 128;
/** Batches are short-lived; more room would only be memory taken. */
const YOUNG_HEAP_MB = 8;

/** Starts the sender thread. It never keeps the process alive, and takes none of the flags that the application was started with. */
export function startSender(
  targets: Readonly<Record<Signal, OtlpTarget>>,
  resource: Attributes,
  spool: SpoolSettings | null,
  shared: SharedArrayBuffer,
  report: (message: SenderReport) => void,
  lost: (reason: string) => void,
): SenderThread {
  const workerData: SenderData = { mark: SENDER_MARK, targets, resource, spool, shared };
  const worker = new Worker(new URL('./sender.js', import.meta.url), {
    workerData,
    name: 'signalbox-agent',
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
  });
  let reason = 'no reason given';
  worker.on('message', report);
  worker.on('error', (error: Error) => (reason = error.message));
  worker.on('exit', () => lost(reason));
  // Once all listeners stand: to listen is to hold.
  worker.unref();
  return { post: (request) => worker.postMessage(request) };
}
