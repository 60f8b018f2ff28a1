import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { networkMessage } from '../http/failure.js';
import { requestJson } from '../otlp/encode.js';
import { appendLines } from './append.js';
import type { FileConfig } from './config.js';
import { rotate } from './rotation.js';

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;

/**
 * Appends batches to a file. Pipelines may share it: each batch is written in one go and nothing is kept open, so they do
 * not get into each other's lines or rotation.
 */
export class FileExporter implements Exporter {
  constructor(private readonly config: FileConfig, private readonly context: ComponentContext) {}

  export(batch: Batch): Promise<Outcome> {
    return Promise.resolve(this.append(batch));
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  private append(batch: Batch): Outcome {
    const { path, rotation, sync } = this.config;
    try {
      const bytes = appendLines(path, batch.parts.map(({ data }) => requestJson(data)), sync);
      if (bytes >= rotation.max_megabytes * MIB) {
        const maxAgeMs = rotation.max_days === 0 ? null : rotation.max_days * DAY_MS;
        rotate(path, { maxBackups: rotation.max_backups, maxAgeMs, nowMs: Number(this.context.clock.nowNs() / 1_000_000n) });
      }
    } catch (error) {
      return { kind: 'retryable', reason: `${path}: ${networkMessage(error)}` };
    }
    return { kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] };
  }
}
