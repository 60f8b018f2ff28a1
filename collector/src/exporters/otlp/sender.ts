import type { Batch } from '../../component.js';
import type { RetryCause } from '../outcome.js';

export interface OtlpRequest {
  /** What is sent: a whole batch or some of its items. */
  readonly batch: Batch;
  /** The same for every attempt with the same items, so that a receiver that remembers it stores them once. */
  readonly batchId: string;
}

export type OtlpAnswer =
  /** Taken, but for `rejected` items, of which the protocol does not say which. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  | { readonly kind: 'refused'; readonly reason: string };

/** One of the ways that OTLP travels. */
export interface OtlpSender {
  send(request: OtlpRequest, signal: AbortSignal): Promise<OtlpAnswer>;
  close(): void;
}
