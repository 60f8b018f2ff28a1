/** A zone whose offset changes over the year, such as `Europe/Berlin`. */
export interface NamedZone {
  /** Minutes east of UTC when clocks there show that time, given as milliseconds as if it were UTC. */
  offsetAt(localMs: number): number;
}

/** Of times that name none: '', `UTC` or an offset as text, or a zone of the IANA database. */
export type Zone = string | NamedZone;

export const EXPECTED_ZONE = 'expected UTC, an offset such as +02:00, or a time zone such as Europe/Berlin';

/** Minutes east of UTC of `''`, `Z`, `UTC`, `+02:00`, `-0700`; null for anything else. */
export function offsetMinutes(zone: string): number | null {
  if (zone === '' || /^(?:Z|UTC|GMT)$/i.test(zone)) return 0;
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** `+02:00`; '' for none. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return '';
  const of = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(of / 60)).padStart(2, '0')}:${String(Math.floor(of % 60)).padStart(2, '0')}`;
}

/** What a setting names (`Local`: the machine's); null for no zone. */
export function zoneNamed(name: string): Zone | null {
  if (name === 'Local') return namedZone(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  return offsetMinutes(name) === null ? namedZone(name) : name;
}

/** A zone that has been checked to be one. @throws Error */
export function knownZone(name: string): Zone {
  const zone = zoneNamed(name);
  if (zone === null) throw new Error(`'${name}': ${EXPECTED_ZONE}`);
  return zone;
}

const QUARTER_MS = 900_000;

/** A zone of the IANA database, as Node.js knows it; null for a name that it does not. */
export function namedZone(name: string): NamedZone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  } catch {
    return null;
  }
  const ahead = (utcMs: number): number => {
    const parts = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    return (Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second']) - Math.floor(utcMs / 1000) * 1000) / 60_000;
  };
  // Lines come by time, and offsets change at quarters of an hour.
  let [quarter, offset] = [NaN, 0];
  return {
    offsetAt: (localMs) => {
      const at = Math.floor(localMs / QUARTER_MS);
      if (at !== quarter) [quarter, offset] = [at, ahead(localMs - ahead(localMs) * 60_000)];
      return offset;
    },
  };
}
