import { OtlpError } from '@signalbox/signals/otlp/error';
import { BatchIdInvalid, IntakeFull, JournalFailed } from '../../intake/errors.js';
import type { RefusalReason } from '../../intake/receiver-meter.js';
import { GrpcCode } from './grpc-code.js';

/** A request that is not accepted, and how either transport says so. */
export class Refusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    readonly grpcCode: number,
    readonly httpStatus: number,
    message: string,
    /** Set where the same request may be accepted later. */
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Refusal';
  }
}

export const malformed = (message: string): Refusal => new Refusal('malformed', GrpcCode.INVALID_ARGUMENT, 400, message);
export const tooLarge = (message: string): Refusal => new Refusal('too_large', GrpcCode.RESOURCE_EXHAUSTED, 413, message);

/** Errors of the journal that the same request will meet again. */
const LASTING: Readonly<Record<string, (message: string) => Refusal>> = {
  SBX_JOURNAL_FRAME_INVALID: (message) => new Refusal('malformed', GrpcCode.INVALID_ARGUMENT, 400, message),
  // Without RetryInfo: OTLP says that RESOURCE_EXHAUSTED is then not worth a retry.
  SBX_JOURNAL_TENANTS: (message) => new Refusal('forbidden', GrpcCode.RESOURCE_EXHAUSTED, 403, message),
};

/** What to answer to whatever went wrong on the way to the disk. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof OtlpError) return new Refusal('malformed', GrpcCode.INVALID_ARGUMENT, 400, `${error.message} [${error.code}]`, null, { cause: error });
  if (error instanceof BatchIdInvalid) return new Refusal('malformed', GrpcCode.INVALID_ARGUMENT, 400, `${error.message} [${error.code}]`, null, { cause: error });
  if (error instanceof IntakeFull) return new Refusal('full', GrpcCode.RESOURCE_EXHAUSTED, 429, `${error.message} [${error.code}]`, error.retryAfterMs, { cause: error });
  if (error instanceof JournalFailed) {
    const message = `${error.message} [${error.code}]`;
    return LASTING[error.code]?.(message) ?? new Refusal('journal', GrpcCode.UNAVAILABLE, 503, message, error.retryAfterMs, { cause: error });
  }
  return new Refusal('internal', GrpcCode.INTERNAL, 500, 'an error of this program, noted in its log [SBX_RECEIVER_INTERNAL]', null, { cause: error });
}
