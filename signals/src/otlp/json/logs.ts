import type { LogRecord, LogsData, ResourceLogs, ScopeLogs } from '../../model/log-record.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { anyValueFromJson, anyValueToJson, attributesFromJson, attributesToJson } from './attributes.js';
import { JsonReader } from './reader.js';
import type { JsonObject } from './reader.js';
import { resourceFromJson, resourceToJson, scopeFromJson, scopeToJson } from './resource.js';
import { integerJson, withoutDefaults } from './writer.js';

const SEVERITIES = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${name}${step}`)),
];

/**
 * Reads an ExportLogsServiceRequest in OTLP/JSON, as JSON.parse has it. Ids of wrong length are kept, so that
 * `scanRequest` over the encoded data rejects just those records.
 *
 * @throws OtlpError with the path where the value does not fit
 */
export function logsFromJson(value: unknown, maxDepth = MAX_DEPTH_CEILING): LogsData {
  const json = new JsonReader(maxDepth);
  return { resourceLogs: json.list(json.root(value), 'resourceLogs', resourceLogsFromJson) };
}

function resourceLogsFromJson(json: JsonReader, object: JsonObject): ResourceLogs {
  return {
    resource: json.message(object, 'resource', resourceFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    scopeLogs: json.list(object, 'scopeLogs', scopeLogsFromJson),
  };
}

function scopeLogsFromJson(json: JsonReader, object: JsonObject): ScopeLogs {
  return {
    scope: json.message(object, 'scope', scopeFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    logRecords: json.list(object, 'logRecords', logRecordFromJson),
  };
}

function logRecordFromJson(json: JsonReader, object: JsonObject): LogRecord {
  return {
    timeNs: json.uint64(object, 'timeUnixNano'),
    observedTimeNs: json.uint64(object, 'observedTimeUnixNano'),
    severityNumber: json.enumeration(object, 'severityNumber', SEVERITIES),
    severityText: json.string(object, 'severityText'),
    body: json.message(object, 'body', (reader, body) => anyValueFromJson(reader, body, 0)),
    attributes: attributesFromJson(json, object, 'attributes'),
    droppedAttributesCount: json.uint32(object, 'droppedAttributesCount'),
    flags: json.uint32(object, 'flags'),
    traceId: json.optionalId(object, 'traceId'),
    spanId: json.optionalId(object, 'spanId'),
    eventName: json.string(object, 'eventName'),
  };
}

/** An ExportLogsServiceRequest in OTLP/JSON, to be serialized. */
export function logsToJson(data: LogsData): object {
  return withoutDefaults({
    resourceLogs: data.resourceLogs.map(({ resource, schemaUrl, scopeLogs }) => withoutDefaults({
      resource: resourceToJson(resource),
      scopeLogs: scopeLogs.map(({ scope, schemaUrl: scopeSchemaUrl, logRecords }) => withoutDefaults({
        scope: scopeToJson(scope),
        logRecords: logRecords.map(logRecordToJson),
        schemaUrl: scopeSchemaUrl,
      })),
      schemaUrl,
    })),
  });
}

function logRecordToJson(record: LogRecord): object {
  return withoutDefaults({
    timeUnixNano: integerJson(record.timeNs),
    observedTimeUnixNano: integerJson(record.observedTimeNs),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: record.body === null ? null : anyValueToJson(record.body),
    attributes: attributesToJson(record.attributes),
    droppedAttributesCount: record.droppedAttributesCount,
    flags: record.flags,
    traceId: record.traceId,
    spanId: record.spanId,
    eventName: record.eventName,
  });
}
