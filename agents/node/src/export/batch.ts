import type { Signal } from '@signalbox/signals/model/signal';

/** One export request on its way to the collector. */
export interface Batch {
  readonly signal: Signal;
  readonly items: number;
  /** The same for every try, so that the receiver stores once what it was sent twice; unique among all processes. */
  readonly id: string;
  /** The Export*ServiceRequest in protobuf, written when it is first asked for. */
  readonly bytes: () => Promise<Uint8Array>;
}

/** Name of the HTTP header, or of the gRPC metadata, that carries a batch's id. */
export const BATCH_ID_HEADER = 'x-signalbox-batch-id';
