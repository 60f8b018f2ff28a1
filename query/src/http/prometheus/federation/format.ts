import type { Escaping } from './escape-name.js';
import { isEscaping } from './escape-name.js';

/** How federated samples are written, and how the names in them. */
export interface Format {
  readonly kind: 'text' | 'delimited';
  readonly contentType: string;
  readonly escaping: Escaping;
}

const PROTOBUF = 'application/vnd.google.protobuf';
const FAMILY = 'io.prometheus.client.MetricFamily';

/** One entry of Accept. */
interface Clause {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The first format that the client accepts, by its preference; the text format where it accepts neither. The last escaping that was named up to there counts. */
export function negotiateFormat(accept: string): Format {
  let escaping: Escaping = 'underscores';
  for (const { type, params } of clausesOf(accept)) {
    const asked = params.get('escaping');
    if (asked !== undefined && isEscaping(asked)) escaping = asked;
    if (type === PROTOBUF && params.get('proto') === FAMILY && params.get('encoding') === 'delimited') {
      return { kind: 'delimited', contentType: `${PROTOBUF}; proto=${FAMILY}; encoding=delimited; escaping=${escaping}`, escaping };
    }
    if (['text/plain', 'text/*'].includes(type) && (params.get('version') ?? '0.0.4') === '0.0.4' && (type === 'text/plain' || params.has('version'))) break;
  }
  return { kind: 'text', contentType: `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`, escaping };
}

/** The best first; those of equal quality as they stand. */
function clausesOf(accept: string): Clause[] {
  return accept.split(',').map((part): Clause => {
    const [type = '', ...rest] = part.split(';').map((text) => text.trim());
    const params = new Map(rest.map((text): [string, string] => {
      const mark = text.indexOf('=');
      return mark < 0 ? [text, ''] : [text.slice(0, mark).trim(), text.slice(mark + 1).trim()];
    }));
    const quality = Number(params.get('q') ?? 1);
    return { type, params, quality: Number.isNaN(quality) ? 1 : quality };
  }).sort((a, b) => b.quality - a.quality);
}
