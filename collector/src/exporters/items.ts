import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span } from '@signalbox/signals/model/span';
import type { Batch, BatchPart } from '../component.js';

/** Where an item of a batch comes from. */
interface ItemPlace {
  /** Number in the batch. */
  readonly item: number;
  readonly part: BatchPart;
  /** Number in the part, whose `ordinals` say which item of the frame it is. */
  readonly index: number;
}

export interface LogItem extends ItemPlace {
  readonly resource: Resource | null;
  readonly resourceSchemaUrl: string;
  readonly scope: Scope | null;
  readonly scopeSchemaUrl: string;
  readonly record: LogRecord;
}

export interface SpanItem extends ItemPlace {
  readonly resource: Resource | null;
  readonly resourceSchemaUrl: string;
  readonly scope: Scope | null;
  readonly scopeSchemaUrl: string;
  readonly span: Span;
}

/** The log records of a batch, numbered as its outcome numbers them. */
export function* logItems(batch: Batch): Generator<LogItem> {
  let item = 0;
  for (const part of batch.parts) {
    if (part.data.signal !== 'logs') continue;
    let index = 0;
    for (const { resource, schemaUrl: resourceSchemaUrl, scopeLogs } of part.data.logs.resourceLogs) {
      for (const { scope, schemaUrl: scopeSchemaUrl, logRecords } of scopeLogs) {
        for (const record of logRecords) yield { item: item++, part, index: index++, resource, resourceSchemaUrl, scope, scopeSchemaUrl, record };
      }
    }
  }
}

/** The spans of a batch, numbered as its outcome numbers them. */
export function* spanItems(batch: Batch): Generator<SpanItem> {
  let item = 0;
  for (const part of batch.parts) {
    if (part.data.signal !== 'traces') continue;
    let index = 0;
    for (const { resource, schemaUrl: resourceSchemaUrl, scopeSpans } of part.data.traces.resourceSpans) {
      for (const { scope, schemaUrl: scopeSchemaUrl, spans } of scopeSpans) {
        for (const span of spans) yield { item: item++, part, index: index++, resource, resourceSchemaUrl, scope, scopeSchemaUrl, span };
      }
    }
  }
}
