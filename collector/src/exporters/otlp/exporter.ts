import { createHash } from 'node:crypto';
import type { Batch, ComponentContext, Exporter, Outcome, SignalData } from '../../component.js';
import { OutcomeTally } from '../outcome.js';
import type { OtlpSender } from './sender.js';
import { mergedData, slicedData } from './slice.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 100;

/**
 * Sends batches on in OTLP. A refused request is sent again in halves: what is too large in one piece goes in several,
 * and one bad item does not cost the others.
 */
export class OtlpExporter implements Exporter {
  constructor(private readonly sender: OtlpSender, private readonly context: ComponentContext) {}

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const tally = new OutcomeTally(batch.items);
    const data = mergedData(batch);
    let divisions = 0;
    const deliver = async (start: number, end: number): Promise<void> => {
      const items = range(start, end);
      if (tally.retrying) return tally.retry(items, { reason: 'not tried' });
      const slice: SignalData = start === 0 && end === batch.items ? data : slicedData(data, start, end);
      const answer = await this.sender.send({ data: slice, tenant: batch.tenant, batchId: this.batchId(batch, start, end) }, signal);
      if (answer.kind === 'retry') return tally.retry(items, answer.cause);
      if (answer.kind === 'accepted') {
        if (answer.rejected > 0) tally.reject(items.slice(-answer.rejected), `rejected_by_destination: ${answer.message}`);
        else if (answer.message !== '') this.context.logger.warn('destination accepted with a warning', { message: answer.message });
        return;
      }
      if (items.length <= 1 || divisions >= MAX_DIVISIONS) return tally.reject(items, answer.reason);
      divisions += 2;
      const middle = start + Math.ceil(items.length / 2);
      await deliver(start, middle);
      await deliver(middle, end);
    };
    if (batch.items > 0) await deliver(0, batch.items);
    return tally.outcome();
  }

  shutdown(): Promise<void> {
    this.sender.close();
    return Promise.resolve();
  }

  private batchId(batch: Batch, start: number, end: number): string {
    const hash = createHash('sha256').update(`${this.context.journalId} ${start} ${end}`);
    for (const { position, ordinals } of batch.parts) {
      hash.update(` ${position} `).update(new Uint8Array(ordinals.buffer, ordinals.byteOffset, ordinals.byteLength));
    }
    return hash.digest('base64url');
  }
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
