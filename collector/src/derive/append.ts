import type { Signal } from '@signalbox/signals/model/signal';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Derived, SignalData } from '../component.js';

/** What a connector made, as it goes into the journal. */
export interface DerivedFrame {
  readonly signal: Signal;
  readonly encoding: 'otlp';
  readonly tenant: string;
  /** The connector's id. */
  readonly origin: string;
  readonly items: number;
  /** The same for every repetition: the journal stores it once. */
  readonly batchId: string;
  readonly payload: Uint8Array;
}

/**
 * Settles when the frame is on disk; goes on trying until `stop`.
 * @throws AppendRefused when trying again would change nothing
 * @throws the signal's reason when it was stopped before
 */
export type AppendDerived = (frame: DerivedFrame, stop: AbortSignal) => Promise<void>;

/** The process that appends does not take a frame, now or later. */
export class AppendRefused extends Error {
  readonly code = 'SBX_DERIVE_REFUSED';
  constructor(message: string) {
    super(message);
    this.name = 'AppendRefused';
  }
}

/** Null for data without items. */
export function encodeDerived({ tenant, data }: Derived, origin: string, batchId: string): DerivedFrame | null {
  const [items, encode] = encoder(data);
  return items === 0 ? null : { signal: data.signal, encoding: 'otlp', tenant, origin, items, batchId, payload: encode() };
}

function encoder(data: SignalData): readonly [items: number, encode: () => Uint8Array] {
  switch (data.signal) {
    case 'traces':
      return [countItems(data.traces), () => encodeTraces(data.traces)];
    case 'logs':
      return [countItems(data.logs), () => encodeLogs(data.logs)];
    case 'metrics':
      return [countItems(data.metrics), () => encodeMetrics(data.metrics)];
  }
}
