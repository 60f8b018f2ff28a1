import type { FrameHeader } from '@signalbox/journal/frame';
import type { Batch, BatchPart, Processor } from '../../component.js';
import type { RateLimitedLog } from '../../telemetry/rate-limited.js';
import type { PendingFrame } from './batcher.js';
import { FrameUndecodable } from './decode.js';
import type { CacheReader, DecodeCache } from './decode-cache.js';
import type { DeliveryMeter } from '../accounting/meter.js';
import type { TrackedBatch } from '../sending/sender.js';
import type { TrackedFrame } from '../accounting/settlement.js';
import { wirePart, withWire } from './wire-part.js';

export interface PreparationOptions {
  readonly cache: Pick<DecodeCache, 'decode'>;
  readonly reader: CacheReader;
  /** By the id they have in the configuration, in the order they run. */
  readonly processors: readonly { readonly id: string; readonly processor: Processor }[];
  /** The exporter reads the parts' bytes. */
  readonly wire?: boolean;
  readonly meter: DeliveryMeter;
  readonly log: RateLimitedLog;
}

/**
 * Decodes frames, where somebody reads objects, and runs the processors over each, so that what they drop is booked on the frame that had it.
 * Answers what is left to send; null when nothing is.
 */
export function prepare(pending: readonly PendingFrame[], options: PreparationOptions): TrackedBatch | null {
  const parts: BatchPart[] = [];
  const frames: TrackedFrame[] = [];
  for (const { frame, tracked } of pending) {
    if (tracked.open === 0) continue;
    const left = partOf({ frame, tracked }, options);
    if (!left || left.items === 0) continue;
    parts.push(tracked.attempted ? { ...left, attempted: true } : left);
    frames.push(tracked);
  }
  const [first] = pending;
  if (!first || parts.length === 0) return null;
  const { tenant, signal } = first.frame;
  return { batch: { tenant, signal, parts, items: parts.reduce((sum, part) => sum + part.items, 0) }, frames };
}

function partOf(pending: PendingFrame, options: PreparationOptions): BatchPart | null {
  const { frame, tracked } = pending;
  if (needsNoObjects(frame, options)) return wirePart(frame);
  const decoded = decode(pending, options);
  const left = decoded && process(decoded, tracked, options);
  return left !== null && decoded !== null && options.wire === true ? withWire(left, decoded, frame) : left;
}

/** Whether a reader passes the frame on as it came. */
export function needsNoObjects({ encoding }: Pick<FrameHeader, 'encoding'>, { wire, processors }: Pick<PreparationOptions, 'wire' | 'processors'>): boolean {
  return wire === true && processors.length === 0 && encoding === 'otlp';
}

function decode({ frame, tracked }: PendingFrame, { cache, reader, meter, log }: PreparationOptions): BatchPart | null {
  try {
    return cache.decode(frame, reader);
  } catch (error) {
    const reason = error instanceof FrameUndecodable ? error.reason : 'undecodable';
    const items = tracked.open;
    tracked.drop(reason, items);
    meter.failed(items, reason);
    log.error(reason, 'a frame of the journal cannot be read as OTLP; its items are dropped for this exporter', { code: 'SBX_DELIVERY_UNDECODABLE', position: frame.position, items, tenant: frame.tenant, error: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

function process(part: BatchPart, tracked: TrackedFrame, { processors, meter, log }: PreparationOptions): BatchPart | null {
  let current: BatchPart = part;
  for (const { id, processor } of processors) {
    const batch: Batch = { tenant: tracked.tenant, signal: tracked.signal, parts: [current], items: current.items };
    const fail = (error: unknown): null => {
      tracked.drop('processor_failed', current.items);
      meter.failed(current.items, 'processor_failed');
      log.error(`processor ${id}`, 'a processor failed, which is an error of this program; the items are dropped', { code: 'SBX_DELIVERY_PROCESSOR', processor: id, position: part.position, items: current.items, error });
      return null;
    };
    try {
      const { batch: left, dropped } = processor.process(batch);
      const sum = dropped.reduce((total, each) => total + each.items, left.items);
      if (sum !== current.items || left.parts.length > 1) return fail(new Error(`of ${current.items} items it answered ${left.items} and dropped ${sum - left.items}`));
      for (const { reason, items } of dropped) tracked.drop(reason, items);
      const [only] = left.parts;
      if (!only || left.items === 0) return null;
      current = only;
    } catch (error) {
      return fail(error);
    }
  }
  return current;
}
