import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchQueue } from './batch-queue.js';

/** Hands sampled spans that have ended to a queue. */
export class SpanBatcher implements SpanProcessor {
  readonly #queue: BatchQueue<ReadableSpan>;

  constructor(queue: BatchQueue<ReadableSpan>) {
    this.#queue = queue;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#queue.add(span);
  }

  async forceFlush(): Promise<void> {
    this.#queue.flush();
  }

  async shutdown(): Promise<void> {
    this.#queue.flush();
  }
}
