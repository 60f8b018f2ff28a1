import { kubernetesOfPath, parseContainer } from '../container-line.js';
import type { Entry, Fields, Value } from '../entry.js';
import { keyValueParser, parseJson, parseLogfmt, type LineParser } from '../formats.js';
import { TIME_ZONE_ATTRIBUTE, isId } from '../lift.js';
import { regexParser } from '../regexp.js';
import { severityOfLevel, severityOfName } from '../severity.js';
import { parseTime, timeOfNumber } from '../timestamp.js';
import { EXPECTED_ZONE, zoneNamed } from '../time-zone.js';
import { getField, parseField, setField, takeField, type Field } from './field.js';
import { csvParser, parseUri, replacer, unquoted } from './reshape.js';
import type { ChangeConfig, IdsConfig, SeverityConfig, TimeConfig } from './schemas.js';
import { valueTemplate } from './value-template.js';
import { timeReader } from './time-layout.js';

/** Works on an entry; answers what went wrong, or null. */
type Step = (entry: Entry, path: string) => string | null;
const BODY: Field = { root: 'body', keys: [] };

/** @throws Error that says what is wrong with a pattern, a layout, a mapping or an expression */
export function operator(config: ChangeConfig): Step {
  switch (config.type) {
    case 'json_parser':
      return parserStep(parseJson, config);
    case 'logfmt_parser':
      return parserStep(parseLogfmt, config);
    case 'regex_parser':
      return parserStep(regexParser(config.regex), config);
    case 'key_value_parser':
      return parserStep(keyValueParser(config.delimiter, config.pair_delimiter), config);
    case 'container':
      return containerStep(config.add_metadata_from_filepath);
    case 'time_parser':
      return timeStep(config);
    case 'severity_parser':
      return severityStep(config);
    case 'trace_parser':
      return idsStep(config);
    case 'move': {
      const [from, to] = [fieldOf(config.from), fieldOf(config.to)];
      return (entry) => {
        const value = takeField(entry, from);
        if (value === undefined) return `nothing at ${config.from}`;
        setField(entry, to, value);
        return null;
      };
    }
    case 'copy': {
      const [from, to] = [fieldOf(config.from), fieldOf(config.to)];
      return (entry) => {
        const value = getField(entry, from);
        if (value === undefined) return `nothing at ${config.from}`;
        setField(entry, to, copyOf(value));
        return null;
      };
    }
    case 'add': {
      const field = fieldOf(config.field);
      const value = valueTemplate(config.value);
      return (entry) => {
        const made = value(entry);
        if (made === null) return 'the value cannot be made of the entry';
        setField(entry, field, made);
        return null;
      };
    }
    case 'flatten':
      return flattenStep(config.field);
    case 'unquote':
      return changeStep(config.field, unquoted, 'no text in quotes');
    case 'regex_replace':
      return changeStep(config.field, replacer(config), 'no text');
    case 'assign_keys':
      return changeStep(config.field, (value) => (Array.isArray(value) && value.length === config.keys.length ? new Map(config.keys.map((key, i) => [key, (value as readonly Value[])[i]!])) : null), `no list of ${config.keys.length} values`);
    case 'csv_parser':
      return parserStep(csvParser(config.header, config.delimiter, config.ignore_quotes), config);
    case 'uri_parser':
      return parserStep(parseUri, config);
    case 'remove': {
      const field = fieldOf(config.field);
      return (entry) => (takeField(entry, field) === undefined ? `nothing at ${config.field}` : null);
    }
    case 'retain': {
      const fields = config.fields.map(fieldOf);
      return (entry) => (retain(entry, fields), null);
    }
    case 'noop':
      return () => null;
  }
}

/** The schemas have checked it. */
export function fieldOf(text: string): Field {
  return parseField(text) ?? BODY;
}

function copyOf(value: Value): Value {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copyOf(each)]));
  return Array.isArray(value) ? (value as readonly Value[]).map(copyOf) : value;
}

/** What a map holds takes the map's own place. */
function flattenStep(at: string): Step {
  const field = fieldOf(at);
  return (entry) => {
    const value = getField(entry, field);
    if (!(value instanceof Map) || field.keys.length === 0) return `no map within another at ${at}`;
    takeField(entry, field);
    for (const [key, each] of value) setField(entry, { root: field.root, keys: [...field.keys.slice(0, -1), key] }, each);
    return null;
  };
}

/** Puts another value in the place of one; null: it is not of the kind. */
function changeStep(at: string, change: (value: Value) => Value, expected: string): Step {
  const field = fieldOf(at);
  return (entry) => {
    const value = getField(entry, field);
    const changed = value === undefined ? null : change(value);
    if (changed === null) return `${expected} at ${at}`;
    takeField(entry, field);
    setField(entry, field, changed);
    return null;
  };
}

function parserStep(parse: LineParser, config: { readonly parse_from: string; readonly parse_to: string; readonly timestamp?: TimeConfig | undefined; readonly severity?: SeverityConfig | undefined; readonly trace?: IdsConfig | undefined }): Step {
  const [from, to] = [fieldOf(config.parse_from), fieldOf(config.parse_to)];
  const after: Step[] = [];
  if (config.timestamp) after.push(timeStep(config.timestamp));
  if (config.severity) after.push(severityStep(config.severity));
  if (config.trace) after.push(idsStep(config.trace));
  return (entry, path) => {
    const text = getField(entry, from);
    if (typeof text !== 'string') return `no text at ${config.parse_from}`;
    const fields = parse(text);
    if (fields === null) return `${config.parse_from} is not of the format`;
    setField(entry, to, fields);
    let problem: string | null = null;
    for (const step of after) problem = step(entry, path) ?? problem;
    return problem;
  };
}

function containerStep(metadata: boolean): Step {
  return (entry, path) => {
    const container = typeof entry.body === 'string' ? parseContainer(entry.body) : null;
    if (container === null) return 'body is no line of a container runtime';
    entry.body = container.log;
    const time = parseTime(container.time);
    if (time !== null) entry.timeNs = time.ns;
    if (container.stream !== '') entry.attributes.set('log.iostream', container.stream);
    if (metadata) for (const [key, value] of kubernetesOfPath(path)) (entry.resource ??= new Map()).set(key, value);
    return null;
  };
}

function timeStep(config: TimeConfig): Step {
  const from = fieldOf(config.parse_from);
  const read = timeReader(config.layout_type, config.layout);
  const location = zoneNamed(config.location);
  if (location === null) throw new Error(`location '${config.location}': ${EXPECTED_ZONE}`);
  return (entry) => {
    const value = getField(entry, from);
    if (value === undefined || value === null) return `nothing at ${config.parse_from}`;
    const scaled = config.layout_type === 'auto' && (typeof value === 'number' || typeof value === 'bigint') ? timeOfNumber(value) : null;
    const time = scaled === null ? read(String(value as string), location) : { ns: scaled, zone: '' };
    if (time === null) return `the time at ${config.parse_from} is not of the layout`;
    entry.timeNs = time.ns;
    if (time.zone !== '') entry.attributes.set(TIME_ZONE_ATTRIBUTE, time.zone);
    return null;
  };
}

function severityStep(config: SeverityConfig): Step {
  const from = fieldOf(config.parse_from);
  const exact = new Map<string, number>();
  const ranges: { readonly min: number; readonly max: number; readonly number: number }[] = [];
  for (const [name, mapped] of Object.entries(config.mapping)) {
    const number = severityOfName(name);
    if (number === 0) throw new Error(`'${name}' is no severity to map to; use trace, debug, info, warn, error or fatal, with a digit from 2 to 4 for finer ones`);
    for (const each of Array.isArray(mapped) ? mapped : [mapped]) {
      if (typeof each === 'object') ranges.push({ ...each, number });
      else if (/^[1-5]xx$/.test(String(each))) ranges.push({ min: Number(String(each)[0]) * 100, max: Number(String(each)[0]) * 100 + 99, number });
      else exact.set(String(each).toLowerCase(), number);
    }
  }
  if (config.preset === 'http') ranges.push({ min: 200, max: 299, number: 9 }, { min: 300, max: 399, number: 9 }, { min: 400, max: 499, number: 13 }, { min: 500, max: 599, number: 17 });
  return (entry) => {
    const value = getField(entry, from);
    if (value === undefined || value === null || typeof value === 'object') return `no level at ${config.parse_from}`;
    const text = String(value);
    const amount = Number(text);
    const number = exact.get(text.toLowerCase()) ?? ranges.find(({ min, max }) => amount >= min && amount <= max)?.number ?? (config.preset === 'none' ? 0 : severityOfName(text) || severityOfLevel(amount));
    entry.severityNumber = number;
    entry.severityText = config.overwrite_text && number > 0 ? (NAMES[Math.floor((number - 1) / 4)] ?? text) : text;
    return null;
  };
}

const NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

function idsStep(config: IdsConfig): Step {
  const all = config.trace_id === undefined && config.span_id === undefined && config.trace_flags === undefined;
  const trace = config.trace_id ?? (all ? { parse_from: 'attributes.trace_id' } : undefined);
  const span = config.span_id ?? (all ? { parse_from: 'attributes.span_id' } : undefined);
  const [traceFrom, spanFrom] = [trace && fieldOf(trace.parse_from), span && fieldOf(span.parse_from)];
  return (entry) => {
    const traceId = traceFrom && getField(entry, traceFrom);
    const spanId = spanFrom && getField(entry, spanFrom);
    if (traceId !== undefined && isId(traceId, 32)) entry.traceId = traceId.toLowerCase();
    if (spanId !== undefined && isId(spanId, 16)) entry.spanId = spanId.toLowerCase();
    return traceId !== undefined && entry.traceId === '' ? 'the trace id is none' : null;
  };
}

/** Keeps what is named; roots of which nothing is named stay as they are. */
function retain(entry: Entry, fields: readonly Field[]): void {
  const kept = fields.map((field) => [field, getField(entry, field)] as const);
  const roots = new Set(fields.map((field) => field.root));
  if (roots.has('attributes')) entry.attributes = new Map() as Fields;
  if (roots.has('resource')) entry.resource = null;
  if (roots.has('body')) entry.body = null;
  for (const [field, value] of kept) if (value !== undefined) setField(entry, field, value);
}
