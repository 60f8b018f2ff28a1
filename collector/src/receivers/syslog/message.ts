import { newEntry, type Entry, type Fields } from '../../parsing/entry.js';
import { TIME_ZONE_ATTRIBUTE } from '../../parsing/lift.js';
import { PARSE_ERROR_ATTRIBUTE } from '../../parsing/parse-line.js';
import { SYSLOG_SEVERITIES } from '../../parsing/severity.js';
import type { Zone } from '../../parsing/time-zone.js';
import { compose, parseTime, type ParsedTime } from '../../parsing/timestamp.js';

export interface SyslogOptions {
  readonly protocol: 'rfc5424' | 'rfc3164' | 'auto';
  /** Zone of times without one. */
  readonly zone: Zone;
  readonly allowNoPriority: boolean;
  readonly keepLine: boolean;
  /** Tells the year of times that have none. */
  readonly nowMs: number;
}

/**
 * A record of one message, with the attributes that the Collector's syslog receiver names: priority, facility, hostname, appname,
 * proc_id, msg_id, structured_data, version. What is no syslog stays whole as the body, with the reason beside it.
 */
export function parseSyslog(line: string, options: SyslogOptions): Entry {
  const entry = newEntry(line);
  const priority = /^<(\d{1,3})>/.exec(line);
  const value = priority ? Number(priority[1]) : -1;
  if (priority && value > 191) return failed(entry, 'the priority is more than 191');
  if (!priority && !options.allowNoPriority) return failed(entry, 'no priority');
  if (priority) {
    const [text, number] = SYSLOG_SEVERITIES[value & 7]!;
    entry.severityText = text;
    entry.severityNumber = number;
    entry.attributes.set('priority', BigInt(value)).set('facility', BigInt(value >> 3));
  }
  const rest = line.slice(priority?.[0].length ?? 0);
  const isNew = /^\d{1,2} /.test(rest);
  if (options.protocol === 'rfc5424' && !isNew) return failed(entry, 'no version of RFC 5424');
  const message = isNew && options.protocol !== 'rfc3164' ? parseNew(entry, rest) : parseOld(entry, rest, options);
  if (message === null) return failed(entry, 'not of RFC 5424');
  if (options.keepLine) entry.attributes.set('message', message);
  else entry.body = message;
  return entry;
}

function failed(entry: Entry, reason: string): Entry {
  entry.attributes.set(PARSE_ERROR_ATTRIBUTE, `syslog: ${reason}`);
  return entry;
}

const HEADER = /^(\d{1,2}) (\S+) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,128}) /;

/** RFC 5424, 6: VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]. Null for what is none. */
function parseNew(entry: Entry, rest: string): string | null {
  const header = HEADER.exec(rest);
  if (!header) return null;
  const [all, version, time, hostname, appname, procId, msgId] = header as unknown as [string, string, string, string, string, string, string];
  const parsed = time === '-' ? null : parseTime(time);
  if (time !== '-' && parsed === null) return null;
  const data = parseStructuredData(rest, all.length);
  if (data === null) return null;
  setTime(entry, parsed);
  entry.attributes.set('version', BigInt(version));
  for (const [key, value] of [['hostname', hostname], ['appname', appname], ['proc_id', procId], ['msg_id', msgId]] as const) if (value !== '-') entry.attributes.set(key, value);
  if (data.fields.size > 0) entry.attributes.set('structured_data', data.fields);
  const message = rest.slice(data.end).replace(/^ /, '');
  return message.startsWith('\ufeff') ? message.slice(1) : message;
}

/** `-`, or elements `[id name="value" …]`, where `"`, `\` and `]` in values are escaped. */
function parseStructuredData(text: string, start: number): { readonly fields: Fields; readonly end: number } | null {
  const fields: Fields = new Map();
  if (text[start] === '-') return { fields, end: start + 1 };
  let at = start;
  while (text[at] === '[') {
    const id = /[^\s="\]]{1,64}/y;
    id.lastIndex = at + 1;
    const name = id.exec(text)?.[0];
    if (name === undefined) return null;
    at += 1 + name.length;
    const parameters: Fields = new Map();
    while (text[at] === ' ') {
      const key = /([^\s="\]]{1,64})="/y;
      key.lastIndex = at + 1;
      const match = key.exec(text);
      if (!match) return null;
      const begin = at + 1 + match[0].length;
      let end = begin;
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
      if (end >= text.length) return null;
      parameters.set(match[1]!, text.slice(begin, end).replace(/\\(["\\\]])/g, '$1'));
      at = end + 1;
    }
    if (text[at] !== ']') return null;
    at++;
    fields.set(name, parameters);
  }
  return at > start && (at === text.length || text[at] === ' ') ? { fields, end: at } : null;
}

const OLD_TIME = /^([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?:? /;
const NEW_TIME = /^(\d{4}-\d{2}-\d{2}T\S{8,30}) /;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TAG = /^([^\s:[\]]{1,64})(?:\[([^\]\s]{1,64})\])?: ?/;

/** RFC 3164, 4.1: TIMESTAMP HOSTNAME TAG[PID]: CONTENT. What is missing is missing; the rest is the message. */
function parseOld(entry: Entry, rest: string, options: SyslogOptions): string {
  let text = rest;
  const old = OLD_TIME.exec(text);
  const iso = old ? null : NEW_TIME.exec(text);
  const time = old ? oldTime(old, options) : iso ? parseTime(iso[1]!, options.zone) : null;
  if (time === null) return text;
  setTime(entry, time);
  text = text.slice((old ?? iso)![0].length);
  // Senders on the same machine leave the name out.
  const host = TAG.test(text) ? null : /^(\S{1,255}) /.exec(text);
  if (host) {
    entry.attributes.set('hostname', host[1]!);
    text = text.slice(host[0].length);
  }
  const tag = TAG.exec(text);
  if (!tag) return text;
  entry.attributes.set('appname', tag[1]!);
  if (tag[2] !== undefined) entry.attributes.set('proc_id', tag[2]);
  return text.slice(tag[0].length);
}

const DAY_MS = 86_400_000;

/** The year in which the time is nearest to now, but not more than a day after it. */
function oldTime(match: RegExpExecArray, { zone, nowMs }: SyslogOptions): ParsedTime | null {
  const of = (year: number): ParsedTime | null => compose(year, MONTHS.indexOf(match[1]!) + 1, Number(match[2]), Number(match[4]), Number(match[5]), Number(match[6]), match[7] ?? '', zone);
  if (match[3] !== undefined) return of(Number(match[3]));
  const year = new Date(nowMs + DAY_MS).getUTCFullYear();
  const time = of(year);
  return time !== null && time.ns <= BigInt(nowMs + DAY_MS) * 1_000_000n ? time : of(year - 1);
}

function setTime(entry: Entry, time: ParsedTime | null): void {
  if (time === null) return;
  entry.timeNs = time.ns;
  if (time.zone !== '') entry.attributes.set(TIME_ZONE_ATTRIBUTE, time.zone);
}
