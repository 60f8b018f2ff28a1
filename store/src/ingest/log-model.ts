import { toLoki } from '@signalbox/signals/loki/stream';
import { attributesToJson, valueToJson } from '@signalbox/signals/model/attribute-text';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Context } from '../hot/contexts.js';
import type { HotLogs } from '../hot/hot-logs.js';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/** Adds decoded log records to the hot part. `receivedNs` is the time of records that have none. */
export function appendLogs(hot: HotLogs, tenant: string, logs: LogsData, receivedNs: bigint): number {
  let records = 0;
  for (const { resource, schemaUrl: resourceSchemaUrl, scopeLogs } of logs.resourceLogs) {
    for (const { scope, schemaUrl: scopeSchemaUrl, logRecords } of scopeLogs) {
      if (logRecords.length === 0) continue;
      const shared = new SharedContext(hot, tenant, resource, resourceSchemaUrl, scope, scopeSchemaUrl);
      for (const record of logRecords) appendRecord(hot, tenant, shared, record, receivedNs);
      records += logRecords.length;
    }
  }
  return records;
}

/** Records of one resource and scope differ in their stream by severity at most, so they have few contexts. */
class SharedContext {
  private readonly key: string;
  private readonly byStream = new Map<string, Context>();

  constructor(private readonly hot: HotLogs, private readonly tenant: string, readonly resource: Resource | null, private readonly resourceSchemaUrl: string, readonly scope: Scope | null, private readonly scopeSchemaUrl: string) {
    this.key = JSON.stringify([tenant, resource && [attributesToJson(resource.attributes), resource.droppedAttributesCount], resourceSchemaUrl, scope && [scope.name, scope.version, attributesToJson(scope.attributes), scope.droppedAttributesCount], scopeSchemaUrl]);
  }

  context(stream: string): Context {
    let context = this.byStream.get(stream);
    if (!context) {
      const key = this.key + stream;
      context = this.hot.contexts.get(key) ?? this.hot.contexts.add(key, this.tenant, { resource: this.resource, resourceSchemaUrl: this.resourceSchemaUrl, scope: this.scope, scopeSchemaUrl: this.scopeSchemaUrl, stream });
      context.tenant.addStream(stream);
      this.byStream.set(stream, context);
    }
    return context;
  }
}

function appendRecord(hot: HotLogs, tenant: string, shared: SharedContext, record: LogRecord, receivedNs: bigint): void {
  const entry = toLoki(shared.resource, shared.scope, record, { receivedNs });
  const stream = JSON.stringify(entry.stream);
  hot.append(shared.context(stream), tenant, stream, {
    timeNs: entry.timeNs,
    recordTimeNs: record.timeNs,
    observedNs: record.observedTimeNs,
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    line: entry.line,
    body: typeof record.body === 'string' ? null : valueToJson(record.body),
    attributes: attributesToJson(record.attributes),
    traceId: record.traceId.length === TRACE_ID_DIGITS ? record.traceId : '',
    spanId: record.spanId.length === SPAN_ID_DIGITS ? record.spanId : '',
    eventName: record.eventName,
    flags: record.flags,
    droppedAttributes: record.droppedAttributesCount,
  });
}
