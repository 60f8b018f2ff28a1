import type { AnyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { textOf } from './types.js';

const VERB = /%(%|([-+0 ]*)(\d{1,3})?(?:\.(\d{1,2}))?([a-zA-Z]))/g;
const KNOWN = 'vsdqtfexXobgT';

/** Go's Sprintf with the verbs %v %s %q %d %t %f %e %g %x %X %o %b, with width, precision and the flags - + 0. @throws Error for others */
export function formatText(format: string): (values: readonly AnyValue[]) => string {
  for (const [whole, , , , , verb] of format.matchAll(VERB)) {
    if (whole !== '%%' && !KNOWN.includes(verb)) throw new Error(`the format has '${whole}', which is not known`);
  }
  const verbs = [...format.matchAll(VERB)].filter(([whole]) => whole !== '%%').length;
  return (values) => {
    if (values.length !== verbs) throw new OttlFailure(`Format: the format wants ${verbs} values, there are ${values.length}`);
    let next = 0;
    return format.replace(VERB, (whole: string, _body: string, flags: string, width?: string, precision?: string, verb?: string) => {
      if (whole === '%%') return '%';
      return pad(write(values[next++], verb ?? 'v', precision === undefined ? null : Number(precision), flags), Number(width ?? 0), flags);
    });
  };
}

function write(value: AnyValue, verb: string, precision: number | null, flags: string): string {
  const signed = (text: string): string => (flags.includes('+') && !text.startsWith('-') ? `+${text}` : text);
  switch (verb) {
    case 'd':
    case 'o':
    case 'b':
      if (typeof value === 'bigint') return signed(value.toString({ d: 10, o: 8, b: 2 }[verb]));
      break;
    case 'x':
    case 'X': {
      const hex = typeof value === 'bigint' ? value.toString(16) : typeof value === 'string' ? Buffer.from(value).toString('hex') : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : null;
      if (hex !== null) return verb === 'X' ? hex.toUpperCase() : hex;
      break;
    }
    case 'f':
      if (typeof value === 'number') return signed(value.toFixed(precision ?? 6));
      break;
    case 'e':
      if (typeof value === 'number') return signed(value.toExponential(precision ?? 6).replace(/e([-+])(\d)$/, 'e$10$2'));
      break;
    case 'g':
      if (typeof value === 'number') return signed(String(precision === null ? value : Number(value.toPrecision(Math.max(1, precision)))));
      break;
    case 't':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'q':
      if (typeof value === 'string') return JSON.stringify(value);
      break;
    default: {
      const text = textOf(value) ?? '<nil>';
      return precision === null || verb !== 's' ? text : text.slice(0, precision);
    }
  }
  throw new OttlFailure(`Format: '%${verb}' does not fit ${value === null ? 'nil' : typeof value}`);
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
