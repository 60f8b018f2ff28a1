import { networkMessage } from '../http/failure.js';
import type { RetryCause } from '../outcome.js';

export type KafkaFailure = { readonly kind: 'retry'; readonly cause: RetryCause } | { readonly kind: 'too_large' } | { readonly kind: 'refused'; readonly reason: string };

const NEVER_LEFT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|certificate|CERT_|ERR_TLS|cannot connect|connection to .* (?:failed|timed out)|waiting for ready|PLT_KFK_USER|PLT_KFK_AUTHENTICATION/i;
/** Of the broker: the content is at fault, and will be again. */
const REFUSED: ReadonlySet<string> = new Set(['CORRUPT_MESSAGE', 'INVALID_RECORD', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'INVALID_TIMESTAMP']);
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** Said of a whole topic, before anything was written. */
const TOPIC_NOT_WRITTEN: ReadonlySet<string> = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION', 'SASL_AUTHENTICATION_FAILED']);
/** Said of a partition; others may have taken their messages. */
const PARTITION_NOT_WRITTEN: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER', 'LEADER_NOT_AVAILABLE', 'NOT_ENOUGH_REPLICAS']);

/** What a failed request of so many messages means, from the whole tree of errors that the client makes of it. */
export function kafkaFailure(error: unknown, messages: number): KafkaFailure {
  const all = [...errorsWithin(error)];
  const ids = all.flatMap((each) => idOf(each) ?? []);
  if (ids.some((id) => TOO_LARGE.has(id))) return { kind: 'too_large' };
  const texts = [...new Set(all.filter((each) => !(each instanceof AggregateError)).map((each) => networkMessage(each)))];
  const reason = (texts.length === 0 ? networkMessage(error) : texts.join('; ')).slice(0, 500);
  const refused = ids.find((id) => REFUSED.has(id));
  if (refused !== undefined) return { kind: 'refused', reason: `${refused.toLowerCase()}: ${reason}` };
  // A connection that broke and one that could not be made afterwards may stand side by side: every cause has to be harmless.
  const causes = all.filter((each) => idOf(each) !== null || (each.cause === undefined && !(each instanceof AggregateError)));
  const unknown = causes.length === 0 || causes.some((each) => !leftNothing(each, messages));
  return { kind: 'retry', cause: { reason, ...(unknown ? { unknown } : {}) } };
}

function leftNothing(cause: Error, messages: number): boolean {
  const id = idOf(cause);
  if (id !== null) return TOPIC_NOT_WRITTEN.has(id) || (messages === 1 && PARTITION_NOT_WRITTEN.has(id));
  return NEVER_LEFT.test(networkMessage(cause));
}

function idOf(error: Error): string | null {
  return 'apiId' in error && typeof error.apiId === 'string' ? error.apiId : null;
}

function* errorsWithin(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 8) return;
  yield error;
  if (error instanceof AggregateError) for (const inner of error.errors) yield* errorsWithin(inner, depth + 1);
  if (error.cause !== undefined) yield* errorsWithin(error.cause, depth + 1);
}
