import { LimitExceeded } from '../readers.js';
import { TooManyQueries } from './query-gate.js';
import { ClientGone, QueryTimeout } from './serving.js';

/** The HTTP status of a failed query, for the APIs that make no finer distinction. */
export function statusOf(error: unknown, badRequest: boolean): number {
  if (badRequest) return 400;
  if (error instanceof LimitExceeded) return 422;
  if (error instanceof TooManyQueries) return 429;
  if (error instanceof QueryTimeout) return 504;
  if (error instanceof ClientGone) return 499;
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 500;
}
