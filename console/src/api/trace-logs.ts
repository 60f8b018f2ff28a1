import { anyValueText, readAttributes } from './any-value.js';
import type { Attribute } from './any-value.js';
import type { Client } from './client.js';
import { field, listOf, nanosOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';
import { severityOf } from './severity.js';
import type { Severity } from './severity.js';
import { readId } from './trace.js';

export interface TraceLog {
  readonly timeNs: bigint;
  readonly severity: Severity;
  readonly severityText: string;
  readonly body: string;
  readonly spanId: string;
  readonly service: string;
  readonly attributes: readonly Attribute[];
}

/** The log records of a trace, by time. */
export async function loadTraceLogs(client: Client, traceId: string, signal: AbortSignal): Promise<readonly TraceLog[]> {
  return readTraceLogs(await client.get(`/api/v1/traces/${encodeURIComponent(traceId)}/logs`, {}, signal));
}

/** OTLP's JSON: `{ resourceLogs }`. */
export function readTraceLogs(answer: Json): readonly TraceLog[] {
  const logs = listOf(field(answer, 'resourceLogs')).flatMap((group) => {
    const service = readAttributes(field(group, 'resource', 'attributes')).find(({ key }) => key === 'service.name')?.value ?? 'unknown_service';
    return listOf(field(group, 'scopeLogs')).flatMap((scoped) => listOf(field(scoped, 'logRecords')).map((record) => readRecord(record, service)));
  });
  return logs.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
}

function readRecord(record: Json, service: string): TraceLog {
  const timeNs = nanosOf(field(record, 'timeUnixNano'));
  const severityText = textOf(field(record, 'severityText'));
  return {
    timeNs: timeNs === 0n ? nanosOf(field(record, 'observedTimeUnixNano')) : timeNs,
    severity: severityOf(numberOf(field(record, 'severityNumber')), severityText),
    severityText,
    body: anyValueText(field(record, 'body')),
    spanId: readId(field(record, 'spanId'), 8),
    service,
    attributes: readAttributes(field(record, 'attributes')),
  };
}
