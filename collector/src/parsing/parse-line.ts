import { parseAccessLog } from './access-log.js';
import { parseContainer } from './container-line.js';
import type { Entry } from './entry.js';
import { parseJson, parseLogfmt, type LineParser } from './formats.js';
import { lift, type LiftOptions } from './lift.js';
import { regexParser } from './regexp.js';

export const FORMATS = ['json', 'logfmt', 'regex', 'cri', 'nginx', 'apache', 'auto'] as const;
export type Format = (typeof FORMATS)[number];

/** Parses a line into an entry whose body is the line so far. False: the line is not of the format and the entry is as it was. */
export type EntryParser = (line: string, entry: Entry) => boolean;

/** Key of the attribute that names why a line was not parsed. */
export const PARSE_ERROR_ATTRIBUTE = 'log.parse_error';

/** @throws Error when the pattern of `regex` is none */
export function entryParser(format: Format, options: LiftOptions & { readonly pattern?: string }): EntryParser {
  switch (format) {
    case 'json':
      return fieldsParser(parseJson, options);
    case 'logfmt':
      return fieldsParser(parseLogfmt, options);
    case 'regex':
      return fieldsParser(regexParser(options.pattern ?? ''), options);
    case 'nginx':
    case 'apache':
      // The line itself says more than any of its fields.
      return fieldsParser(parseAccessLog, { ...options, body: false });
    case 'cri':
      return containerParser(options, null);
    case 'auto':
      return autoParser(options);
  }
}

function fieldsParser(parse: LineParser, options: LiftOptions): EntryParser {
  return (line, entry) => {
    const fields = parse(line);
    if (fields === null) return false;
    lift(entry, fields, options);
    return true;
  };
}

/** The runtime's time counts unless the line has its own. */
function containerParser(options: LiftOptions, inner: EntryParser | null): EntryParser {
  return (line, entry) => {
    const container = parseContainer(line);
    if (container === null) return false;
    lift(entry, new Map([['time', container.time]]), options);
    if (container.stream !== '') entry.attributes.set('log.iostream', container.stream);
    if (container.partial) entry.attributes.set('log.partial', true);
    entry.body = container.log;
    inner?.(container.log, entry);
    return true;
  };
}

/** By how the line begins: JSON (Docker's first), CRI, access log, logfmt; what a container wrote is looked into once more. */
function autoParser(options: LiftOptions): EntryParser {
  const json = entryParser('json', options);
  const logfmt = entryParser('logfmt', options);
  const access = entryParser('nginx', options);
  const plain: EntryParser = (line, entry) => {
    if (line.startsWith('{')) return json(line, entry);
    return access(line, entry) || (LOGFMT_START.test(line) && logfmt(line, entry));
  };
  const container = containerParser(options, plain);
  return (line, entry) => (CONTAINER_START.test(line) && container(line, entry)) || plain(line, entry);
}

const LOGFMT_START = /^[\w.@-]+=/;
const CONTAINER_START = /^(?:\{"log":|\d{4}-\d{2}-\d{2}T\S+ std)/;
