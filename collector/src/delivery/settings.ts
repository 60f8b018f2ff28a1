import { z } from 'zod';
import { byteSize, byteSizeOrOff } from '../config/bytes.js';
import { duration } from '../config/duration.js';
import { withoutEffect } from '../config/foreign.js';
import type { ConfigPlace } from '../config/place.js';
import { parseSection } from '../config/section.js';

const QUEUE = 'the journal is the queue of every exporter, always on disk.';

/**
 * What every exporter's section may have beside its own settings: the pipeline does retry, batching, concurrency and the circuit
 * breaker around all exporters alike.
 */
export const deliverySchema = z.strictObject({
  start_at: z.enum(['beginning', 'end']).default('beginning').describe('Where a new exporter begins: with the oldest that the journal still has, or with what arrives from then on.'),
  timeout: duration({ minMs: 1 }).default(30_000).describe('One attempt at most; then its outcome counts as unknown and it is tried again.'),
  retry_on_failure: z
    .strictObject({
      enabled: z.boolean().default(true).describe('false: what fails once is dropped as `not_retried`.'),
      initial_interval: duration({ minMs: 1 }).default(1000).describe('Before the second attempt.'),
      max_interval: duration({ minMs: 1 }).default(30_000).describe('Between attempts at most, unless the destination asks for more.'),
      multiplier: z.number().min(1).default(2).describe('Each wait is so many times the one before.'),
      randomization_factor: z.number().min(0).max(1).default(0.5).describe('Each wait varies by this share, so that senders do not come all at once.'),
      max_elapsed_time: duration().default(0).describe('After so long items are dropped as `retries_over`; 0: never, the journal keeps them.'),
    })
    .prefault({}),
  batch: z
    .strictObject({
      max_items: z.int().min(1).default(8192).describe('Items in one call to the exporter; a request that arrived in one piece is not split.'),
      max_bytes: byteSize({ min: 1024 }).default(4 * 2 ** 20).describe('Bytes (as they arrived) in one call.'),
      max_wait: duration().default(500).describe('How long what arrives may wait for more, so that it goes in one batch: less for sooner, more for less work.'),
    })
    .prefault({}),
  sending_queue: z
    .strictObject({
      num_consumers: z.int().min(1).max(64).default(1).describe('Batches on their way at once; with 1 they arrive in order. prometheusremotewrite always takes 1.'),
      max_bytes: byteSizeOrOff({ min: 1 << 20 }).default(null).describe('Bytes of the journal between the exporter and its end at most; beyond that the oldest is dropped for this exporter, as `over_quota`. `off`: the cap of the journal alone.'),
      enabled: withoutEffect(QUEUE),
      queue_size: withoutEffect(`${QUEUE} max_bytes is its quota.`),
      sizer: withoutEffect(`${QUEUE} max_bytes is its quota.`),
      storage: withoutEffect(QUEUE),
      block_on_overflow: withoutEffect(QUEUE),
      wait_for_result: withoutEffect(`${QUEUE} Senders have their answer when what they sent is on disk.`),
      batch: withoutEffect("every exporter's calls are batched already, as its own section `batch` says."),
    })
    .prefault({}),
  batcher: withoutEffect("every exporter's calls are batched already, as its own section `batch` says."),
  dead_letters: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether items that the destination refuses for good are kept, with its reason, for `signalbox dead-letters`.'),
      max_bytes: byteSize({ min: 4096 }).default(64 * 2 ** 20).describe('Bytes on disk of what is kept; beyond that refused items are dropped and not kept.'),
    })
    .prefault({}),
  circuit_breaker: z
    .strictObject({
      failures: z.int().min(1).default(5).describe('So many failures in a row open it: then one batch at a time tries the destination.'),
      min_open: duration({ minMs: 1 }).default(1000).describe('Before the first probe.'),
      max_open: duration({ minMs: 1 }).default(60_000).describe('Between probes at most; the time doubles with each that fails.'),
    })
    .prefault({}),
});

export type DeliverySettings = z.output<typeof deliverySchema>;

const KEYS = Object.keys(deliverySchema.shape);

export interface SplitExporterSection {
  /** What the exporter's own parseConfig gets. */
  readonly own: unknown;
  /** What parseDelivery gets. */
  readonly delivery: unknown;
}

export function splitExporterSection(raw: unknown): SplitExporterSection {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { own: raw, delivery: {} };
  const entries = Object.entries(raw);
  return {
    own: Object.fromEntries(entries.filter(([key]) => !KEYS.includes(key))),
    delivery: Object.fromEntries(entries.filter(([key]) => KEYS.includes(key))),
  };
}

/** @throws ConfigError */
export function parseDelivery(raw: unknown, place: ConfigPlace): DeliverySettings {
  return parseSection(deliverySchema, raw, place);
}
