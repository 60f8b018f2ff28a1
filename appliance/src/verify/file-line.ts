import { gzipSync } from 'node:zlib';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { VERIFY_SERVICE, type Marked } from './marked.js';

type LineConfig = Pick<FilelogConfig, 'parse' | 'operators' | 'encoding' | 'compression'>;

/** The bytes of a file with one line that has the marker and the trace id, in the format that the receiver parses (JSON where it parses none). */
export function fileBytes(config: LineConfig, marked: Marked): Buffer {
  const bytes = encoded(`${lineOf(config, marked)}\n`, config.encoding);
  return config.compression === 'gzip' ? gzipSync(bytes) : bytes;
}

export function lineOf({ parse, operators }: Pick<LineConfig, 'parse' | 'operators'>, marked: Marked): string {
  const { marker, traceId, nowNs } = marked;
  const time = new Date(Number(nowNs / 1_000_000n)).toISOString();
  const spanId = marked.logs.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.spanId ?? '';
  const json = JSON.stringify({ time, level: 'info', message: `signalbox verify ${marker}`, trace_id: traceId, span_id: spanId, 'service.name': VERIFY_SERVICE });
  switch (parse ?? operators.map(({ type }) => FORMAT_OF[String(type)]).find((format) => format !== undefined)) {
    case 'logfmt':
      return `time=${time} level=info msg="signalbox verify ${marker}" trace_id=${traceId} span_id=${spanId}`;
    case 'nginx':
    case 'apache':
      return `127.0.0.1 - - [${clfTime(nowNs)}] "GET /signalbox-verify?trace_id=${traceId} HTTP/1.1" 200 0 "-" "signalbox verify ${marker}"`;
    case 'cri':
      return `${time} stdout F ${json}`;
    default:
      return json;
  }
}

const FORMAT_OF: Readonly<Record<string, string | undefined>> = { container: 'cri', key_value_parser: 'logfmt', json_parser: 'json' };

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
