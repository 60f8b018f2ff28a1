import type { FrameInput } from '@signalbox/journal/frame';
import type { Clock, Intake, IntakeRequest, Metrics } from '../component.js';
import { ByteBudget } from './byte-budget.js';
import { BatchIdInvalid, IntakeFull, JournalFailed, MAX_BATCH_ID_LENGTH } from './errors.js';

/** What the intake needs of the journal. */
export interface Appender {
  append(input: FrameInput): Promise<{ readonly position: number; readonly duplicate: boolean }>;
}

export interface IntakeOptions {
  readonly journal: Appender;
  /** Bytes of all requests in flight. Default: 64 MiB. */
  readonly maxInFlightBytes?: number;
  /** What senders are told to wait when there is no room. Default: 1000. */
  readonly retryAfterMs?: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** The way to the journal; each receiver gets its own side of it. */
export interface JournalIntake extends Intake {
  /** What is accepted through it carries `origin`, the receiver's id; the byte budget is shared. */
  from(origin: string): Intake;
}

const DEFAULT_MAX_IN_FLIGHT_BYTES = 64 * 2 ** 20;
const DEFAULT_RETRY_AFTER_MS = 1000;
/** A full or failing disk does not mend within a second. */
const JOURNAL_RETRY_AFTER_MS = 5000;
const PRINTABLE = /^[\x21-\x7e]+$/;

export function createIntake(options: IntakeOptions): JournalIntake {
  const { journal, clock, metrics } = options;
  const budget = new ByteBudget(options.maxInFlightBytes ?? DEFAULT_MAX_IN_FLIGHT_BYTES);
  const retryAfterMs = options.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
  const noLabels = {};
  metrics.gauge('signalbox_intake_limit_bytes', noLabels, budget.limit);

  const append = async (request: IntakeRequest, origin: string): Promise<void> => {
    const { batchId } = request;
    if (batchId !== undefined && (batchId.length > MAX_BATCH_ID_LENGTH || !PRINTABLE.test(batchId))) throw new BatchIdInvalid();
    let appended;
    try {
      appended = await journal.append({
        signal: request.signal,
        encoding: request.encoding,
        tenant: request.tenant,
        ...(origin === '' ? {} : { origin }),
        items: request.items,
        rejected: request.rejected,
        receivedNs: clock.nowNs(),
        ...(batchId === undefined ? {} : { batchId }),
        payload: request.payload,
      });
    } catch (error) {
      throw new JournalFailed(error, JOURNAL_RETRY_AFTER_MS);
    }
    if (appended.duplicate) metrics.count('signalbox_intake_duplicate_batches', noLabels, 1);
  };

  const from = (origin: string): Intake => ({
    retryAfterMs,

    async accept(request) {
      if (request.reserved) return append(request, origin);
      const bytes = request.payload.length;
      if (!budget.take(bytes)) throw new IntakeFull(retryAfterMs);
      try {
        await append(request, origin);
      } finally {
        budget.give(bytes);
      }
    },

    take(bytes) {
      const taken = budget.take(bytes);
      metrics.gauge('signalbox_intake_in_flight_bytes', noLabels, budget.used);
      return taken;
    },

    give(bytes) {
      budget.give(bytes);
      metrics.gauge('signalbox_intake_in_flight_bytes', noLabels, budget.used);
    },

    reserve(bytes) {
      if (!budget.take(bytes)) return null;
      let held = bytes;
      return () => {
        budget.give(held);
        held = 0;
      };
    },
  });
  return { ...from(''), from };
}
