import { networkMessage } from '../http/failure.js';
import type { RetryCause } from '../outcome.js';

export type KafkaFailure = { readonly kind: 'retry'; readonly cause: RetryCause } | { readonly kind: 'too_large' } | { readonly kind: 'refused'; readonly reason: string };

const NEVER_LEFT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|certificate|CERT_|ERR_TLS|cannot connect|connection to .* failed/i;
/** Of the broker: the content is at fault, and will be again. */
const REFUSED: ReadonlySet<string> = new Set(['CORRUPT_MESSAGE', 'INVALID_RECORD', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'INVALID_TIMESTAMP']);
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** Said by the broker before it wrote anything. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER', 'LEADER_NOT_AVAILABLE', 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'NOT_ENOUGH_REPLICAS', 'INVALID_TOPIC_EXCEPTION', 'SASL_AUTHENTICATION_FAILED']);

/** What a failed request means, from the whole tree of errors that the client makes of it. */
export function kafkaFailure(error: unknown): KafkaFailure {
  const all = [...errorsWithin(error)];
  const ids = all.flatMap((each) => ('apiId' in each && typeof each.apiId === 'string' ? [each.apiId] : []));
  if (ids.some((id) => TOO_LARGE.has(id))) return { kind: 'too_large' };
  const texts = [...new Set(all.filter((each) => !(each instanceof AggregateError)).map((each) => networkMessage(each)))];
  const reason = (texts.length === 0 ? networkMessage(error) : texts.join('; ')).slice(0, 500);
  const refused = ids.find((id) => REFUSED.has(id));
  if (refused !== undefined) return { kind: 'refused', reason: `${refused.toLowerCase()}: ${reason}` };
  const unknown = !(ids.length > 0 && ids.every((id) => NOT_WRITTEN.has(id))) && !NEVER_LEFT.test(reason);
  return { kind: 'retry', cause: { reason, ...(unknown ? { unknown } : {}) } };
}

function* errorsWithin(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 8) return;
  yield error;
  if (error instanceof AggregateError) for (const inner of error.errors) yield* errorsWithin(inner, depth + 1);
  if (error.cause !== undefined) yield* errorsWithin(error.cause, depth + 1);
}
