/** Which of the three signals a frame carries. The journal only compares it. */
export type FrameSignal = 'traces' | 'logs' | 'metrics';

/** What the payload is: an OTLP Export*ServiceRequest in protobuf, or Prometheus samples. */
export type FrameEncoding = 'otlp' | 'prometheus';

/** What a writer hands in. `payload` must stay unchanged until append() settles. */
export interface FrameInput {
  readonly signal: FrameSignal;
  readonly encoding: FrameEncoding;
  readonly tenant: string;
  /** Id of the receiver or connector that brings it, at most 255 bytes. Default '': unknown, which every reader of the signal takes. */
  readonly origin?: string;
  /** Items in the payload, the rejected ones included. */
  readonly items: number;
  /** Ordinals (from 0, in document order) of items that were refused by partial success; readers skip them. */
  readonly rejected: readonly number[];
  /** Unix time in nanoseconds. */
  readonly receivedNs: bigint;
  /** The sender's batch id, if it gave one: a second append with it within the memory is acknowledged and not stored. */
  readonly batchId?: string;
  readonly payload: Uint8Array;
}

/** What is known of a frame from its header alone. */
export interface FrameHeader extends Omit<FrameInput, 'payload' | 'batchId' | 'origin'> {
  /** Absolute byte position in the log: never reused, grows with every append. */
  readonly position: number;
  /** Position of the frame behind it. */
  readonly next: number;
  readonly origin: string;
  readonly batchId: string;
  readonly payloadBytes: number;
}

export interface Frame extends FrameHeader {
  readonly payload: Buffer;
}

/** Items that count in the ledger: all of the frame but the rejected. */
export function acceptedItems(header: Pick<FrameHeader, 'items' | 'rejected'>): number {
  return header.items - header.rejected.length;
}
