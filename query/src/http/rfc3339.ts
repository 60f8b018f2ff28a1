import { goQuote } from '../go/strconv.js';

/** The text is not a time of RFC 3339. */
export class TimeError extends Error {}

/** Go takes a comma before the fraction too. */
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** A time of RFC 3339 as Unix nanoseconds. Throws TimeError with the text of Go's time.Parse. */
export function parseRfc3339(text: string): bigint {
  const refuse = () => new TimeError(`parsing time ${goQuote(text)} as "2006-01-02T15:04:05.999999999Z07:00": cannot parse ${goQuote(text)} as "2006"`);
  const match = RFC3339.exec(text);
  if (match === null) throw refuse();
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = Date.parse(`${iso}${zone}`);
  // Date.parse turns 31 February into 3 March in some forms; the round trip finds that.
  const utc = Date.parse(`${iso}Z`);
  if (Number.isNaN(ms) || Number.isNaN(utc) || !new Date(utc).toISOString().startsWith(iso)) throw refuse();
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
