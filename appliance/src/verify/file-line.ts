import { gzipSync } from 'node:zlib';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { parseField } from '@signalbox/collector/parsing/operators/field';
import { VERIFY_SERVICE, type Marked } from './marked.js';

type LineConfig = Pick<FilelogConfig, 'parse' | 'operators' | 'encoding' | 'compression'>;

/** The bytes of a file with this one line. */
export function fileBytes(config: Pick<LineConfig, 'encoding' | 'compression'>, line: string): Buffer {
  const bytes = encoded(`${line}\n`, config.encoding);
  return config.compression === 'gzip' ? gzipSync(bytes) : bytes;
}

/**
 * Lines with the marker and the trace id. The first is of the format that the receiver parses (JSON where it parses none), with the trace
 * id where its operators look for one; the others are of the other formats, since operators may read one that their types do not tell.
 */
export function linesOf({ parse, operators }: Partial<Pick<LineConfig, 'parse'>> & Pick<LineConfig, 'operators'>, marked: Marked): readonly string[] {
  const preferred = parse ?? operators.map(({ type }) => FORMAT_OF[String(type)]).find((format) => format !== undefined);
  return [...new Set([preferred, 'json', 'logfmt', 'nginx', 'cri'].map((format) => lineOf(format, marked, parse === undefined ? idFields(operators) : [])))];
}

/** Where operators look for the trace id, as far as it is a key of what was parsed. */
export function idFields(operators: LineConfig['operators']): readonly (readonly string[])[] {
  const sections = operators.flatMap(({ type, trace, ...operator }) => [type === 'trace_parser' ? operator : trace]);
  return sections.flatMap((section) => {
    const from = section === null || typeof section !== 'object' || !('trace_id' in section) ? null : section.trace_id;
    const field = from === null || typeof from !== 'object' || !('parse_from' in from) ? null : parseField(String(from.parse_from));
    return field === null || field.keys.length === 0 ? [] : [field.keys];
  });
}

function lineOf(format: string | undefined, marked: Marked, ids: readonly (readonly string[])[]): string {
  const { marker, traceId, spanId, nowNs } = marked;
  const time = new Date(Number(nowNs / 1_000_000n)).toISOString();
  const fields: Record<string, unknown> = { time, level: 'info', message: `signalbox verify ${marker}`, trace_id: traceId, span_id: spanId, 'service.name': VERIFY_SERVICE };
  for (const [first = '', ...inner] of ids) fields[first] = inner.reduceRight<unknown>((value, key) => ({ [key]: value }), traceId);
  const json = JSON.stringify(fields);
  switch (format) {
    case 'logfmt':
      return `time=${time} level=info msg="signalbox verify ${marker}" trace_id=${traceId} span_id=${spanId}${ids.filter(([key, ...inner]) => inner.length === 0 && key !== 'trace_id').map(([key]) => ` ${key ?? ''}=${traceId}`).join('')}`;
    case 'nginx':
    case 'apache':
      return `127.0.0.1 - - [${clfTime(nowNs)}] "GET /signalbox-verify?trace_id=${traceId} HTTP/1.1" 200 0 "-" "signalbox verify ${marker}"`;
    case 'cri':
      return `${time} stdout F ${json}`;
    default:
      return json;
  }
}

const FORMAT_OF: Readonly<Record<string, string | undefined>> = { container: 'cri', key_value_parser: 'logfmt', logfmt_parser: 'logfmt', json_parser: 'json' };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As access logs write it: `21/Nov/2026:16:09:18 +0000`. */
function clfTime(nowNs: bigint): string {
  const at = new Date(Number(nowNs / 1_000_000n));
  return `${String(at.getUTCDate()).padStart(2, '0')}/${MONTHS[at.getUTCMonth()] ?? ''}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
}

/** The line is ASCII, so that one byte a character serves all but UTF-16. */
function encoded(text: string, encoding: FilelogConfig['encoding']): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'latin1');
}
