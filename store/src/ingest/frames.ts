import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { acceptedItems } from '@signalbox/journal/frame';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { Generation } from '../hot/generation.js';
import { appendLogs } from './log-model.js';
import type { MetricIntake } from '../series/intake/metric-intake.js';
import { INVALID_ID } from './span-model.js';
import type { SpanWire } from './span-wire.js';

/** What became of a frame's items; together they are the frame's accepted items. */
export interface FrameOutcome {
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Why a frame could not be read, for the log. */
  readonly problem?: string;
}

/** Adds a frame's items to the generation. Never throws for what the frame holds. */
export function appendFrame(generation: Generation, frame: Frame, wire: SpanWire, metrics: MetricIntake): FrameOutcome {
  generation.received(frame.receivedNs);
  switch (frame.signal) {
    case 'traces':
      if (frame.encoding !== 'otlp') return unknown(frame);
      return appendSpans(generation, frame, wire);
    case 'logs':
      if (frame.encoding !== 'otlp') return unknown(frame);
      return decoded(frame, () => decodeLogs(frame.payload, frame.rejected), (logs) => ({ delivered: appendLogs(generation.logs, frame.tenant, logs, frame.receivedNs), dropped: {} }));
    case 'metrics':
      return complete(frame, metrics.append(generation.samples, frame));
  }
}

function appendSpans(generation: Generation, frame: Frame, wire: SpanWire): FrameOutcome {
  const { delivered, invalid, problem } = wire.append(generation.spans, frame.tenant, frame.payload, frame.rejected);
  const outcome = complete(frame, { delivered, dropped: invalid > 0 ? { [INVALID_ID]: invalid } : {} });
  return problem === null ? outcome : { ...outcome, problem };
}

/** Decodes first and appends then, so that a frame that cannot be read leaves nothing behind. */
function decoded<T>(frame: Frame, decode: () => T, append: (data: T) => FrameOutcome): FrameOutcome {
  let data: T;
  try {
    data = decode();
  } catch (error) {
    return { delivered: 0, dropped: { undecodable: acceptedItems(frame) }, problem: error instanceof Error ? error.message : String(error) };
  }
  return complete(frame, append(data));
}

/** The header's count stands in the ledger as accepted; what the payload does not hold cannot be delivered. */
function complete(frame: FrameHeader, outcome: FrameOutcome): FrameOutcome {
  const seen = outcome.delivered + Object.values(outcome.dropped).reduce((sum, items) => sum + items, 0);
  const missing = acceptedItems(frame) - seen;
  return missing > 0 ? { ...outcome, dropped: { ...outcome.dropped, undecodable: missing } } : outcome;
}

function unknown(frame: FrameHeader): FrameOutcome {
  return { delivered: 0, dropped: { undecodable: acceptedItems(frame) }, problem: `frame of signal ${frame.signal} in encoding ${frame.encoding}, which this version does not know` };
}
