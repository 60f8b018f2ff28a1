import type { Signal } from '@signalbox/signals/model/signal';
import { scanRequest, type ScanOptions } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import type { Intake } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import type { OtlpReceiverConfig } from './config.js';
import type { TenantShare } from '../requests/tenant-limits.js';

/** Items of a request that were refused while the rest was accepted (OTLP, partial success). */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

export function scanOptions(config: Pick<OtlpReceiverConfig, 'redact' | 'limits'>): ScanOptions {
  const { attributes, additional_attributes: additional, url_attributes: urls } = config.redact;
  return {
    secrets: new SecretKeys([...attributes, ...additional], urls),
    maxDepth: config.limits.max_depth,
    maxAttributesPerItem: config.limits.max_attributes_per_item,
    maxItems: config.limits.max_items,
    maxRejected: config.limits.max_rejected,
  };
}

/** The way of a request to the disk, the same for both transports. */
export class OtlpIngest {
  readonly #intake: Intake;
  readonly #options: ScanOptions;

  constructor(intake: Intake, options: ScanOptions) {
    this.#intake = intake;
    this.#options = options;
  }

  /**
   * Checks an Export*ServiceRequest, overwrites secrets in it, appends it, and settles once it is on disk. The payload's bytes are
   * taken from the budget already; `share` is the tenant's, where it is limited.
   * @throws OtlpError, BatchIdInvalid, JournalFailed, Refusal
   */
  async accept(signal: Signal, tenant: string, payload: Uint8Array, batchId: string | undefined, meter: ReceiverMeter, share: TenantShare | null = null): Promise<PartialSuccess | null> {
    const { items, rejected } = scanRequest(signal, payload, this.#options);
    const accepted = items - rejected.length;
    if (accepted > 0) {
      const ordinals = rejected.length === 0 ? NONE : rejected.map((item) => item.ordinal);
      let charged = false;
      try {
        share?.charge(accepted, payload.length);
        charged = true;
        await this.#intake.accept({ signal, encoding: 'otlp', tenant, payload, items, rejected: ordinals, reserved: true, ...(batchId === undefined ? {} : { batchId }) });
      } catch (error) {
        if (charged) share?.refund(accepted, payload.length);
        meter.refused(signal, accepted);
        throw error;
      }
      meter.accepted(signal, accepted);
    }
    if (rejected.length === 0) return null;
    meter.refused(signal, rejected.length);
    return { rejected: rejected.length, message: partialMessage(rejected) };
  }
}

const NONE: readonly number[] = [];
const REASONS_NAMED = 5;

function partialMessage(rejected: readonly { readonly ordinal: number; readonly reason: string }[]): string {
  const counts = new Map<string, { count: number; first: number }>();
  for (const { ordinal, reason } of rejected) {
    const known = counts.get(reason);
    if (known) known.count++;
    else counts.set(reason, { count: 1, first: ordinal });
  }
  const named = [...counts].slice(0, REASONS_NAMED).map(([reason, { count, first }]) => `${count} × ${reason} (the first is item ${first})`);
  return counts.size > REASONS_NAMED ? `${named.join('; ')}; …` : named.join('; ');
}
