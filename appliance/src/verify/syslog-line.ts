import { hostname } from 'node:os';
import type { SyslogConfig } from '@signalbox/collector/receivers/syslog/config';
import { knownZone, offsetMinutes, type Zone } from '@signalbox/collector/parsing/time-zone';
import { idFields, linesOf } from './file-line.js';
import { VERIFY_SERVICE, type Marked } from './marked.js';

export type SyslogFormat = 'RFC 5424' | 'RFC 3164';

/** What the receiver takes: both, where it tells them apart. */
export function formatsOf({ protocol }: Pick<SyslogConfig, 'protocol'>): readonly SyslogFormat[] {
  if (protocol === 'auto') return ['RFC 5424', 'RFC 3164'];
  return [protocol === 'rfc5424' ? 'RFC 5424' : 'RFC 3164'];
}

/** Facility user, severity informational. */
const PRIORITY = 14;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Messages with the marker and the trace id: in forms that operators may read, and among the structured data where they look for it there. */
export function syslogLines({ operators, location }: Pick<SyslogConfig, 'operators' | 'location'>, format: SyslogFormat, marked: Marked): readonly string[] {
  const nowMs = Number(marked.nowNs / 1_000_000n);
  const host = /^[!-~]{1,255}$/.test(hostname()) ? hostname() : 'localhost';
  const head = format === 'RFC 5424'
    ? `<${PRIORITY}>1 ${new Date(nowMs).toISOString()} ${host} ${VERIFY_SERVICE} ${process.pid} - ${structuredData(operators, marked)} `
    : `<${PRIORITY}>${oldTime(nowMs, knownZone(location))} ${host} ${VERIFY_SERVICE}[${process.pid}]: `;
  return linesOf({ operators }, marked).map((message) => head + message);
}

function structuredData(operators: SyslogConfig['operators'], { traceId }: Marked): string {
  const elements = idFields(operators).flatMap(([first, id, name, ...deeper]) => (first === 'structured_data' && id !== undefined && name !== undefined && deeper.length === 0 ? [`[${id} ${name}="${traceId}"]`] : []));
  return elements.length === 0 ? '-' : elements.join('');
}

/** `Nov 22 10:15:07`, as clocks show it in the zone that the receiver takes it for. */
function oldTime(nowMs: number, zone: Zone): string {
  const ahead = (localMs: number): number => (typeof zone === 'string' ? (offsetMinutes(zone) ?? 0) : zone.offsetAt(localMs)) * 60_000;
  const at = new Date(nowMs + ahead(nowMs + ahead(nowMs)));
  return `${MONTHS[at.getUTCMonth()] ?? ''} ${String(at.getUTCDate()).padStart(2, ' ')} ${at.toISOString().slice(11, 19)}`;
}
