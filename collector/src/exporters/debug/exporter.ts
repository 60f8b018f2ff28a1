import type { Batch, Exporter, Outcome } from '../../component.js';
import type { DebugConfig } from './config.js';
import { detailedLines } from './detailed.js';
import { normalLines } from './normal.js';

/** Prints what it is given and calls it delivered. */
export class DebugExporter implements Exporter {
  /** A line a batch needs no objects. */
  readonly wire: boolean;

  constructor(private readonly config: DebugConfig, private readonly id: string, private readonly output: { write(text: string): unknown }) {
    this.wire = config.verbosity === 'basic';
  }

  export(batch: Batch): Promise<Outcome> {
    const lines = [`${this.id}: ${batch.signal} of tenant ${batch.tenant}: ${batch.items} items in ${batch.parts.length} requests`];
    if (this.config.verbosity === 'normal') for (const line of normalLines(batch)) lines.push(line);
    if (this.config.verbosity === 'detailed') for (const line of detailedLines(batch)) lines.push(line);
    this.output.write(`${lines.join('\n')}\n`);
    return Promise.resolve({ kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] });
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
