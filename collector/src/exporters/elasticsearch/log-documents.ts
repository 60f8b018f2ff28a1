import type { Batch } from '../../component.js';
import { logItems } from '../items.js';
import type { MappingMode } from './config.js';
import type { DocumentIds } from './document-id.js';
import type { DocumentWriter } from './document.js';
import { ecsLog } from './ecs-documents.js';
import { OtelDocuments } from './otel-documents.js';
import { plainLog } from './plain-documents.js';
import type { Router } from './routing.js';
import { SharedBytes } from './shared-bytes.js';

/** Log records as documents of a mapping mode. */
export function logDocuments(batch: Batch, router: Router, ids: DocumentIds, mode: MappingMode, writer: DocumentWriter): void {
  if (mode === 'otel') return otelLogs(batch, router, ids, writer);
  for (const each of logItems(batch)) {
    const { record, part, index } = each;
    const target = router.target('logs', each.resource, each.scope, record.attributes);
    writer.begin(target, ids.in(part.position), part.ordinals[index] ?? index);
    writer.out.raw(mode === 'ecs' ? ecsLog(each, target) : plainLog(each, target, mode));
    writer.end([each.item]);
  }
}

function otelLogs(batch: Batch, router: Router, ids: DocumentIds, writer: DocumentWriter): void {
  const shared = new SharedBytes();
  const otel = new OtelDocuments(writer.out);
  let item = 0;
  for (const part of batch.parts) {
    if (part.data.signal !== 'logs') continue;
    const frame = ids.in(part.position);
    let index = 0;
    for (const { resource, schemaUrl, scopeLogs } of part.data.logs.resourceLogs) {
      for (const { scope, schemaUrl: scopeSchemaUrl, logRecords } of scopeLogs) {
        const context = shared.of(resource, schemaUrl, scope, scopeSchemaUrl);
        for (const record of logRecords) {
          const target = router.target('logs', resource, scope, record.attributes);
          writer.begin(target, frame, part.ordinals[index] ?? index);
          otel.log(record, record.timeNs || record.observedTimeNs || part.receivedNs, target, context);
          writer.end([item++]);
          index++;
        }
      }
    }
  }
}
