import type { LogRecordProcessor, ReadableLogRecord, SdkLogRecord } from '@opentelemetry/sdk-logs';
import type { BatchQueue } from './batch-queue.js';

/** Hands log records to a queue. */
export class LogBatcher implements LogRecordProcessor {
  readonly #queue: BatchQueue<ReadableLogRecord>;

  constructor(queue: BatchQueue<ReadableLogRecord>) {
    this.#queue = queue;
  }

  onEmit(record: SdkLogRecord): void {
    this.#queue.add(record);
  }

  async forceFlush(): Promise<void> {
    this.#queue.flush();
  }

  async shutdown(): Promise<void> {
    this.#queue.flush();
  }
}
