import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Batch, ComponentContext, Processor } from '../../component.js';
import { newEntry, toAnyValue, toAttributes } from '../../parsing/entry.js';
import { PARSE_ERROR_ATTRIBUTE, entryParser, type EntryParser } from '../../parsing/parse-line.js';
import { knownZone } from '../../parsing/time-zone.js';
import type { LogParserConfig } from './config.js';

/**
 * Parses bodies that are text. What the sender has set itself (time, severity, ids) stays; a field of the line does not replace an
 * attribute that is there. Records that are not of the format stay as they are.
 */
export class LogParser implements Processor {
  readonly #config: LogParserConfig;
  readonly #context: ComponentContext;
  readonly #parse: EntryParser;

  constructor(config: LogParserConfig, context: ComponentContext) {
    this.#config = config;
    this.#context = context;
    this.#parse = entryParser(config.format, { defaultZone: knownZone(config.time_zone), body: !config.keep_line, ...(config.pattern === undefined ? {} : { pattern: config.pattern }) });
  }

  process(batch: Batch): ReturnType<Processor['process']> {
    let failed = 0;
    let parsed = 0;
    const parseRecord = (record: LogRecord): LogRecord => {
      if (typeof record.body !== 'string' || record.body === '') return record;
      const left = this.#parseRecord(record, record.body);
      if (left !== null) {
        parsed++;
        return left;
      }
      failed++;
      const mark = this.#config.mark_failures && this.#config.format !== 'auto';
      return mark ? { ...record, attributes: [...record.attributes.filter(({ key }) => key !== PARSE_ERROR_ATTRIBUTE), { key: PARSE_ERROR_ATTRIBUTE, value: `not ${this.#config.format}` }] } : record;
    };
    const parts = batch.parts.map((part) => {
      if (part.data.signal !== 'logs') return part;
      const resourceLogs = part.data.logs.resourceLogs.map((resource) => ({ ...resource, scopeLogs: resource.scopeLogs.map((scope) => ({ ...scope, logRecords: scope.logRecords.map(parseRecord) })) }));
      return { ...part, data: { signal: 'logs' as const, logs: { resourceLogs } } };
    });
    const labels = { processor: this.#context.id };
    if (parsed > 0) this.#context.metrics.count('signalbox_logparser_parsed_records', labels, parsed);
    if (failed > 0) this.#context.metrics.count('signalbox_logparser_unparsed_records', labels, failed);
    return { batch: { ...batch, parts }, dropped: [] };
  }

  #parseRecord(record: LogRecord, line: string): LogRecord | null {
    const entry = newEntry(line);
    if (!this.#parse(line, entry)) return null;
    const own = new Set(record.attributes.map(({ key }) => key));
    const attributes: KeyValue[] = [...record.attributes, ...toAttributes(entry.attributes).filter(({ key }) => !own.has(key))];
    const hasSeverity = record.severityNumber !== 0 || record.severityText !== '';
    return {
      ...record,
      body: toAnyValue(entry.body),
      attributes,
      timeNs: record.timeNs === 0n ? entry.timeNs : record.timeNs,
      severityNumber: hasSeverity ? record.severityNumber : entry.severityNumber,
      severityText: hasSeverity ? record.severityText : entry.severityText,
      traceId: record.traceId === '' ? entry.traceId : record.traceId,
      spanId: record.spanId === '' ? entry.spanId : record.spanId,
    };
  }
}
