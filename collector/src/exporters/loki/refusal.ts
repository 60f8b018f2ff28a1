import { oneLine } from '../http/verdict.js';
import type { PushEntries } from './push-entries.js';

const OLDEST = /oldest acceptable timestamp is: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))/g;

/**
 * Of a request's items those that Loki's refusal is sure to mean, from its text: those older than the oldest time that it names, in the
 * streams that it names (`entry too far behind` speaks of a stream, `timestamp too old` of every one). Loki keeps what
 * else a refused request brings. Empty where the text tells nothing that certain.
 */
export function namedByRefusal(text: string, items: Uint32Array, entries: PushEntries): Uint32Array {
  const cutoffs = [...text.matchAll(OLDEST)].map((match) => BigInt(Date.parse(match[1] ?? '')) * 1_000_000n);
  if (cutoffs.length === 0) return new Uint32Array(0);
  // Where several are named, the earliest is right for all.
  const cutoffNs = cutoffs.reduce((a, b) => (a < b ? a : b));
  return items.filter((item) => entries.timeNs(item) < cutoffNs && text.includes(entries.labels(item)));
}

const REASONS: readonly (readonly [phrase: string, reason: string])[] = [
  ['timestamp too old', 'timestamp_too_old'],
  ['entry too far behind', 'too_far_behind'],
  ['entry out of order', 'out_of_order'],
  ['timestamp too new', 'timestamp_too_new'],
  ['maximum active stream limit exceeded', 'stream_limit'],
  ['max entry size', 'line_too_long'],
  ['structured metadata too large', 'structured_metadata_too_large'],
  ['too many structured metadata labels', 'structured_metadata_too_many'],
  ['includes structured metadata, but this feature is disallowed', 'structured_metadata_disallowed'],
  ['label names; limit', 'too_many_labels'],
  ['label name too long', 'label_name_too_long'],
  ['label value too long', 'label_value_too_long'],
  ['parsing labels', 'invalid_labels'],
  ['body too large', 'too_large'],
  ['message larger than max', 'too_large'],
];

/** What a refusal says about entries' age, without what it says of others. */
export function ageReason(text: string): string {
  return refusalReason(oneLine(text.split(/; |\n/).find((part) => part.includes('oldest acceptable timestamp')) ?? text));
}

/** The first words of a rejection's reason, few in number, for counting; the text follows for people. */
export function refusalReason(text: string): string {
  const known = REASONS.find(([phrase]) => text.includes(phrase))?.[1] ?? 'refused';
  return `${known}: ${text}`;
}
