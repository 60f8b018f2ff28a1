import type { Zone } from '../time-zone.js';
import { compose, parseTime, timeOfNumber, type ParsedTime } from '../timestamp.js';

export type TimeReader = (text: string, defaultZone: Zone) => ParsedTime | null;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
type Part = 'year' | 'shortYear' | 'month' | 'monthName' | 'day' | 'hour' | 'hour12' | 'minute' | 'second' | 'fraction' | 'half' | 'zone' | 'epoch' | 'none';

/** strptime's directives, as the Collector's time_parser has them. */
const STRPTIME: Readonly<Record<string, readonly [source: string, parts: readonly Part[]]>> = {
  Y: ['(\\d{4})', ['year']], y: ['(\\d{2})', ['shortYear']], m: ['(\\d{1,2})', ['month']], d: ['(\\d{1,2})', ['day']], e: ['\\s?(\\d{1,2})', ['day']], g: ['(\\d{1,2})', ['day']], q: ['(\\d{1,2})', ['month']],
  b: ['([A-Za-z]{3})', ['monthName']], h: ['([A-Za-z]{3})', ['monthName']], B: ['([A-Za-z]+)', ['monthName']], a: ['[A-Za-z]{3}', []], A: ['[A-Za-z]+', []],
  H: ['(\\d{1,2})', ['hour']], k: ['(\\d{1,2})', ['hour']], I: ['(\\d{1,2})', ['hour12']], l: ['(\\d{1,2})', ['hour12']], M: ['(\\d{1,2})', ['minute']], S: ['(\\d{1,2})', ['second']],
  L: ['(\\d{1,9})', ['fraction']], f: ['(\\d{1,9})', ['fraction']], s: ['(\\d{1,9})', ['fraction']], p: ['([AaPp][Mm])', ['half']], P: ['([AaPp][Mm])', ['half']],
  z: ['(Z|[+-]\\d{2}:?\\d{2})', ['zone']], i: ['(Z|[+-]\\d{2})', ['zone']], j: ['(Z|[+-]\\d{2}:\\d{2})', ['zone']], Z: ['(UTC|GMT|Z)', ['zone']],
  T: ['(\\d{2}):(\\d{2}):(\\d{2})', ['hour', 'minute', 'second']], R: ['(\\d{2}):(\\d{2})', ['hour', 'minute']], F: ['(\\d{4})-(\\d{2})-(\\d{2})', ['year', 'month', 'day']], D: ['(\\d{2})/(\\d{2})/(\\d{2})', ['month', 'day', 'shortYear']],
  n: ['\\n', []], t: ['\\t', []], '%': ['%', []],
};

/** Go's reference time, longest names first. */
const GO: readonly (readonly [text: string, directive: string])[] = [
  ['January', 'B'], ['Monday', 'A'], ['2006', 'Y'], ['-07:00', 'z'], ['Z07:00', 'z'], ['-0700', 'z'], ['Z0700', 'z'], ['Jan', 'b'], ['Mon', 'a'], ['MST', 'Z'], ['-07', 'i'],
  ['15', 'H'], ['01', 'm'], ['02', 'd'], ['03', 'I'], ['04', 'M'], ['05', 'S'], ['06', 'y'], ['PM', 'p'], ['_2', 'e'], ['1', 'm'], ['2', 'd'], ['3', 'I'], ['4', 'M'], ['5', 'S'],
];

const EPOCH_SCALES: Readonly<Record<string, number>> = { s: 9, ms: 6, us: 3, ns: 0, 's.ms': 9, 's.us': 9, 's.ns': 9 };

/** A reader of times in a layout. @throws Error that names what is not known in it */
export function timeReader(type: 'strptime' | 'gotime' | 'epoch' | 'auto', layout: string): TimeReader {
  switch (type) {
    case 'auto':
      return (text, zone) => parseTime(text, zone);
    case 'epoch': {
      const digits = EPOCH_SCALES[layout];
      if (digits === undefined) throw new Error(`the layout of an epoch is one of ${Object.keys(EPOCH_SCALES).join(', ')}`);
      return (text) => {
        const match = /^(\d{1,19})(?:\.(\d{1,9})\d*)?$/.exec(text);
        if (!match) return null;
        const ns = BigInt(match[1]!) * 10n ** BigInt(digits) + BigInt((match[2] ?? '').padEnd(9, '0').slice(0, digits) || '0');
        return ns < 2n ** 64n ? { ns, zone: '' } : null;
      };
    }
    case 'gotime':
      return compile(fromGo(layout));
    case 'strptime':
      return compile(layout);
  }
}

function fromGo(layout: string): string {
  let out = '';
  for (let at = 0; at < layout.length;) {
    const fraction = /^[.,](0+|9+)/.exec(layout.slice(at));
    const known = fraction ? undefined : GO.find(([text]) => layout.startsWith(text, at));
    out += fraction ? `${layout[at]}%L` : known ? `%${known[1]}` : layout[at] === '%' ? '%%' : layout[at];
    at += fraction ? fraction[0].length : known ? known[0].length : 1;
  }
  return out;
}

/** The expressions have neither nested nor neighbouring repetitions of one kind beyond two digits: they run in linear time. */
function compile(layout: string): TimeReader {
  let source = '^';
  const parts: Part[] = [];
  for (let at = 0; at < layout.length; at++) {
    const char = layout[at]!;
    if (char !== '%') {
      source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      continue;
    }
    const directive = STRPTIME[layout[++at] ?? ''];
    if (directive === undefined) throw new Error(`%${layout[at] ?? ''} is no directive of a time layout; known are %${Object.keys(STRPTIME).join(' %')}`);
    source += directive[0];
    parts.push(...directive[1]);
  }
  const pattern = new RegExp(`${source}$`);
  return (text, defaultZone) => {
    const match = text.length > 128 ? null : pattern.exec(text);
    if (!match) return null;
    const now = new Date();
    let [year, month, day, hour, minute, second, fraction, half] = [now.getUTCFullYear(), 1, 1, 0, 0, 0, '', ''];
    let zone: Zone = defaultZone;
    parts.forEach((part, i) => {
      const value = match[i + 1]!;
      if (part === 'year') year = Number(value);
      else if (part === 'shortYear') year = Number(value) + (Number(value) < 69 ? 2000 : 1900);
      else if (part === 'month') month = Number(value);
      else if (part === 'monthName') month = MONTHS.indexOf(value.slice(0, 3).toLowerCase()) + 1;
      else if (part === 'day') day = Number(value);
      else if (part === 'hour' || part === 'hour12') hour = Number(value);
      else if (part === 'minute') minute = Number(value);
      else if (part === 'second') second = Number(value);
      else if (part === 'fraction') fraction = value;
      else if (part === 'half') half = value.toLowerCase();
      else if (part === 'zone') zone = value;
    });
    if (half !== '') hour = (hour % 12) + (half === 'pm' ? 12 : 0);
    return compose(year, month, day, hour, minute, second, fraction, zone);
  };
}

export { timeOfNumber };
