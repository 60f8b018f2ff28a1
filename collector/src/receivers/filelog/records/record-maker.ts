import { isUtf8 } from 'node:buffer';
import { hostname } from 'node:os';
import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import { newEntry, toAttributes, type Fields } from '../../../parsing/entry.js';
import { EntryResources } from '../../../parsing/entry-resources.js';
import { JsonRecordWriter } from '../../../parsing/json-record.js';
import { encodeAttributes, type LogRequest } from '../../../parsing/log-request.js';
import { PARSE_ERROR_ATTRIBUTE, entryParser, type EntryParser } from '../../../parsing/parse-line.js';
import { compileRegexp } from '../../../parsing/regexp.js';
import { knownZone } from '../../../parsing/time-zone.js';
import { detachedPlace } from '../../../config/place.js';
import type { FilelogConfig } from '../config.js';
import { lineEncoding, type LineEncoding } from './encoding.js';
import { HeaderReader } from './file-header.js';
import { compileOperators } from '../../../parsing/operators/compile.js';
import type { EntrySink, Program } from '../../../parsing/operators/program.js';
import { RecordCutter, type LinePatterns } from './record-cutter.js';

/** What is the same for all records of a file. */
export interface FileLabels {
  readonly path: string;
  readonly extra: Uint8Array;
}

export interface MakerCounts {
  records: number;
  unparsed: number;
  filtered: number;
}

/** Turns bytes of files into records of a request, as the configuration says. */
export class RecordMaker {
  readonly encoding: LineEncoding;
  readonly cutter: RecordCutter;
  readonly header: HeaderReader | null;
  readonly counts: MakerCounts = { records: 0, unparsed: 0, filtered: 0 };
  /** Of the block, until it is settled. */
  #block: MakerCounts = { records: 0, unparsed: 0, filtered: 0 };
  readonly #config: FilelogConfig;
  readonly #json: JsonRecordWriter | null;
  readonly #parse: EntryParser | null;
  readonly #program: Program | null;
  readonly #resources: EntryResources;
  readonly #omit: ((text: string) => string) | null;
  #lastSink: { readonly file: FileLabels; readonly out: LogRequest; readonly sink: EntrySink } | null = null;
  #observedNs = 0n;
  #observedLow = 0;
  #observedHigh = 0;
  #validBytes = false;

  constructor(config: FilelogConfig) {
    this.#config = config;
    this.encoding = lineEncoding(config.encoding);
    const { multiline, parse, operators } = config;
    const pattern = multiline ? compileRegexp(multiline.line_start_pattern ?? multiline.line_end_pattern ?? '') : null;
    const matches = pattern ? (line: string): boolean => pattern.test(line) : null;
    const usesContainers = parse === 'cri' || parse === 'auto' || operators.some((operator) => operator['type'] === 'container');
    let patterns: LinePatterns | null = null;
    if (matches) patterns = multiline?.line_start_pattern !== undefined ? { starts: matches } : { ends: matches };
    else if (usesContainers) patterns = { ends: (line) => !PARTIAL.test(line) };
    this.cutter = new RecordCutter(this.encoding, patterns, config.max_log_size);
    this.header = config.header ? new HeaderReader(config.header, this.encoding) : null;
    this.#omit = pattern && multiline?.omit_pattern ? (text) => pattern.matcher(text).replaceFirst('') : null;
    const onlyJson = operators.length === 1 && operators[0]!['type'] === 'json_parser' && Object.keys(operators[0]!).every((key) => key === 'type' || key === 'id');
    const quick = this.encoding.utf8 && this.#omit === null && (parse === 'json' || parse === 'auto' || onlyJson);
    this.#json = quick ? new JsonRecordWriter(onlyJson ? { lift: false, keepLine: true } : { lift: true, keepLine: config.keep_line }) : null;
    this.#parse = parse === undefined ? null : entryParser(parse, { defaultZone: knownZone(config.time_zone), body: !config.keep_line, ...(config.pattern === undefined ? {} : { pattern: config.pattern }) });
    this.#program = operators.length === 0 ? null : compileOperators(operators, detachedPlace('filelog')).program;
    this.#resources = new EntryResources([{ key: 'host.name', value: hostname() }, ...pairs(config.resource)].filter((each, i, all) => all.findLastIndex((other) => other.key === each.key) === i));
  }

  /** @param header what the file's header says */
  labels(path: string, resolved: string, header: Fields): FileLabels {
    const config = this.#config;
    const name = (each: string): string => each.slice(each.lastIndexOf('/') + 1);
    const attributes: KeyValue[] = pairs(config.attributes);
    if (config.include_file_name) attributes.push({ key: 'log.file.name', value: name(path) });
    if (config.include_file_path) attributes.push({ key: 'log.file.path', value: path });
    if (config.include_file_name_resolved) attributes.push({ key: 'log.file.name_resolved', value: name(resolved) });
    if (config.include_file_path_resolved) attributes.push({ key: 'log.file.path_resolved', value: resolved });
    return { path, extra: encodeAttributes([...attributes, ...toAttributes(header)]) };
  }

  /** To be called before the records of a block: `bytes` from 0 to `length`. What was not settled of the one before is forgotten. */
  beginBlock(bytes: Buffer, length: number, nowNs: bigint): void {
    this.#program?.discard();
    this.#block = { records: 0, unparsed: 0, filtered: 0 };
    this.#observedNs = nowNs;
    this.#observedLow = Number(nowNs & 0xffffffffn);
    this.#observedHigh = Number(nowNs >> 32n);
    this.#validBytes = this.encoding.utf8 && isUtf8(bytes.subarray(0, length));
  }

  /** Place in the block of the first record that operators hold, or Infinity. */
  get heldFrom(): number {
    return this.#program?.heldFrom ?? Infinity;
  }

  /** A record was made that stands behind one that is held. */
  get overtaken(): boolean {
    return this.#program?.overtaken ?? false;
  }

  /** What operators hold becomes records as it is. */
  flush(file: FileLabels, out: LogRequest): void {
    this.#program?.flush(file.path, this.#sink(file, out));
  }

  /** The block's records are on their way. */
  settle(): void {
    for (const name of ['records', 'unparsed', 'filtered'] as const) this.counts[name] += this.#block[name];
    this.#block = { records: 0, unparsed: 0, filtered: 0 };
  }

  /** Appends the record between the two places, unless it is empty, filtered out, or held by an operator. */
  make(bytes: Buffer, from: number, to: number, file: FileLabels, out: LogRequest): void {
    const step = this.encoding.unit;
    let start = from;
    let end = to;
    if (!this.encoding.raw) {
      if (!this.#config.preserve_trailing_whitespaces) while (end > start && isSpace(bytes, end - step, step)) end -= step;
      else if (step === 1 && end > start && bytes[end - 1] === 0x0d) end--;
      if (!this.#config.preserve_leading_whitespaces) while (start < end && isSpace(bytes, start, step)) start += step;
    }
    if (end <= start) return;
    if (this.#json !== null && bytes[start] === 0x7b && (this.#validBytes || isUtf8(bytes.subarray(start, end)))) {
      out.useResource(this.#resources.plain);
      if (this.#json.write(bytes, start, end, out, this.#observedLow, this.#observedHigh, file.extra)) {
        this.#block.records++;
        return;
      }
    }
    const sink = this.#sink(file, out);
    if (this.encoding.raw) return sink.emit(newEntry(Buffer.from(bytes.subarray(start, end))), false);
    const text = this.encoding.text(bytes, start, end);
    const entry = newEntry(this.#omit ? this.#omit(text) : text);
    if (this.#program !== null) return this.#program.run(entry, file.path, from, sink);
    const isParsed = this.#parse === null || this.#parse(entry.body as string, entry);
    if (!isParsed) entry.attributes.set(PARSE_ERROR_ATTRIBUTE, `not ${this.#config.parse}`);
    sink.emit(entry, !isParsed);
  }

  /** The same for all records of a block. */
  #sink(file: FileLabels, out: LogRequest): EntrySink {
    const last = this.#lastSink;
    if (last?.file === file && last.out === out) return last.sink;
    const sink = this.#newSink(file, out);
    this.#lastSink = { file, out, sink };
    return sink;
  }

  #newSink(file: FileLabels, out: LogRequest): EntrySink {
    return {
      emit: (entry, failed) => {
        this.#block.records++;
        if (failed) this.#block.unparsed++;
        out.useResource(this.#resources.of(entry));
        out.entry(entry, this.#observedNs, file.extra);
      },
      dropped: (failed) => {
        this.#block.records++;
        if (failed) this.#block.unparsed++;
        this.#block.filtered++;
      },
    };
  }
}

/** CRI's tag P, and what Docker writes of a line that goes on: the runtime cut it. */
const PARTIAL = /^\S+ std(?:out|err) P |^\{"log":"(?:[^"\\]|\\[^n]|\\n(?!"))*","/;

function isSpace(bytes: Buffer, at: number, unit: 1 | 2): boolean {
  const code = unit === 1 ? bytes[at]! : bytes[at] === 0 ? bytes[at + 1]! : bytes[at + 1] === 0 ? bytes[at]! : 0;
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function pairs(record: Readonly<Record<string, string | number | boolean>>): KeyValue[] {
  return Object.entries(record).map(([key, value]): KeyValue => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): AnyValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}
