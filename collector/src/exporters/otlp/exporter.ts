import { createHash } from 'node:crypto';
import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { selectItems } from '../../delivery/reading/select.js';
import { OutcomeTally } from '../outcome.js';
import type { OtlpSender } from './sender.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 100;

/**
 * Sends batches on in OTLP. A refused request is sent again in halves: what is too large in one piece goes in several,
 * and one bad item does not cost the others.
 */
export class OtlpExporter implements Exporter {
  /** @param wire whether the sender reads the parts' bytes and not their objects */
  constructor(private readonly sender: OtlpSender, private readonly context: ComponentContext, readonly wire: boolean) {}

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const tally = new OutcomeTally(batch.items);
    let divisions = 0;
    const deliver = async (some: Batch, items: readonly number[]): Promise<void> => {
      if (tally.retrying) return tally.retry(items, { reason: 'not tried' });
      const answer = await this.sender.send({ batch: some, batchId: this.batchId(some) }, signal);
      if (answer.kind === 'retry') return tally.retry(items, answer.cause);
      if (answer.kind === 'accepted') {
        if (answer.rejected > 0) tally.reject(items.slice(-answer.rejected), `rejected_by_destination: ${answer.message}`);
        else if (answer.message !== '') this.context.logger.warn('destination accepted with a warning', { message: answer.message });
        return;
      }
      if (items.length <= 1 || divisions >= MAX_DIVISIONS) return tally.reject(items, answer.reason);
      divisions += 2;
      const middle = Math.ceil(items.length / 2);
      for (const half of [items.slice(0, middle), items.slice(middle)]) await deliver(selectItems(batch, half), half);
    };
    if (batch.items > 0) await deliver(batch, Array.from({ length: batch.items }, (_, item) => item));
    return tally.outcome();
  }

  shutdown(): Promise<void> {
    this.sender.close();
    return Promise.resolve();
  }

  private batchId(batch: Batch): string {
    const hash = createHash('sha256').update(this.context.journalId);
    for (const { position, ordinals } of batch.parts) {
      hash.update(` ${position} `).update(new Uint8Array(ordinals.buffer, ordinals.byteOffset, ordinals.byteLength));
    }
    return hash.digest('base64url');
  }
}
