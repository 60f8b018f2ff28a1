import { LimitExceeded } from '../../readers.js';
import { PromQLDurationError, PromQLExecutionError, PromQLParseError } from '../../promql/error.js';
import { TooManyQueries } from '../query-gate.js';
import { ClientGone, QueryTimeout } from '../serving.js';

/** A request that cannot be understood: status 400, `bad_data`. */
export class BadData extends Error {}

export interface PrometheusError {
  readonly status: number;
  readonly errorType: string;
  readonly error: string;
}

/** An error as Prometheus' API says it. */
export function prometheusError(error: unknown): PrometheusError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof BadData) return { status: 400, errorType: 'bad_data', error: message };
  if (error instanceof PromQLParseError || error instanceof PromQLDurationError) return { status: 400, errorType: 'bad_data', error: `invalid parameter "query": ${message}` };
  if (error instanceof PromQLExecutionError || error instanceof LimitExceeded) return { status: 422, errorType: 'execution', error: message };
  if (error instanceof QueryTimeout && error.timeoutMs <= 0) return { status: 503, errorType: 'timeout', error: 'query timed out in query execution' };
  if (error instanceof QueryTimeout) return { status: 503, errorType: 'timeout', error: `query timed out in expression evaluation after ${error.timeoutMs} ms; narrow it, or raise query.timeout` };
  if (error instanceof ClientGone) return { status: 499, errorType: 'canceled', error: 'query was canceled in expression evaluation' };
  if (error instanceof TooManyQueries) return { status: 503, errorType: 'unavailable', error: message };
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return { status: error.statusCode, errorType: error.statusCode === 404 ? 'not_found' : 'bad_data', error: message };
  }
  return { status: 500, errorType: 'internal', error: message };
}
