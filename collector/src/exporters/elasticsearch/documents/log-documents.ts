import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { readGrouped } from '@signalbox/signals/otlp/protobuf/grouped';
import { readLogRecord } from '@signalbox/signals/otlp/protobuf/logs';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { WireItems } from '@signalbox/signals/otlp/wire/wire-items';
import type { Batch, BatchPart } from '../../../component.js';
import { logItems } from '../../items.js';
import type { MappingMode } from '../config.js';
import type { DocumentIds } from './document-id.js';
import type { DocumentWriter } from './document.js';
import { ecsLog } from './ecs-documents.js';
import { OtelDocuments } from './otel-documents.js';
import { plainLog } from './plain-documents.js';
import type { Router } from '../streams/routing.js';
import { SharedBytes } from './shared-bytes.js';
import type { WireLogs } from './wire-logs.js';

/** Log records as documents of a mapping mode. */
export function logDocuments(batch: Batch, router: Router, ids: DocumentIds, mode: MappingMode, wire: WireLogs, writer: DocumentWriter): void {
  if (mode === 'otel') return otelLogs(batch, router, ids, wire, writer);
  for (const each of logItems(batch)) {
    const { record, part, index } = each;
    const target = router.target('logs', each.resource, each.scope, record.attributes);
    writer.begin(target, ids.in(part.position), part.ordinals[index] ?? index);
    writer.out.raw(mode === 'ecs' ? ecsLog(each, target) : plainLog(each, target, mode));
    writer.end(each.item);
  }
}

/** Records of parts whose bytes are there are written out of them; `wire` may be kept from batch to batch. */
function otelLogs(batch: Batch, router: Router, ids: DocumentIds, wire: WireLogs, writer: DocumentWriter): void {
  const otel = new OtelDocuments(writer.out);
  let item = 0;
  for (const part of batch.parts) item = part.wire === undefined ? objects(part, router, ids, otel, writer, item) : records(part, part.wire, router, ids, otel, wire, writer, item);
}

/** Answers the number of the next item. */
function objects(part: BatchPart, router: Router, ids: DocumentIds, otel: OtelDocuments, writer: DocumentWriter, firstItem: number): number {
  if (part.data.signal !== 'logs') return firstItem;
  const shared = new SharedBytes();
  const frame = ids.in(part.position);
  let index = 0;
  for (const { resource, schemaUrl, scopeLogs } of part.data.logs.resourceLogs) {
    for (const { scope, schemaUrl: scopeSchemaUrl, logRecords } of scopeLogs) {
      const context = shared.of(resource, schemaUrl, scope, scopeSchemaUrl);
      for (const record of logRecords) {
        const target = router.target('logs', resource, scope, record.attributes);
        writer.begin(target, frame, part.ordinals[index] ?? index);
        otel.log(record, record.timeNs || record.observedTimeNs || part.receivedNs, target, context);
        writer.end(firstItem + index++);
      }
    }
  }
  return firstItem + index;
}

/** @throws OtlpError where the bytes are malformed */
function records(part: BatchPart, bytes: Uint8Array, router: Router, ids: DocumentIds, otel: OtelDocuments, wire: WireLogs, writer: DocumentWriter, firstItem: number): number {
  const shared = new SharedBytes();
  const frame = ids.in(part.position);
  const wanted = new WireItems(part.wireItems ?? null);
  const reader = new Reader(bytes, MAX_DEPTH_CEILING);
  /** Where each record begins, and where it ends. */
  const begins: number[] = [];
  const ends: number[] = [];
  let index = 0;
  const scopes = (resource: Resource | null, schemaUrl: string, groups: readonly ScopePlaces[]): void => {
    for (const { scope, schemaUrl: scopeSchemaUrl, places } of groups) {
      const context = shared.of(resource, schemaUrl, scope, scopeSchemaUrl);
      const target = router.target('logs', resource, scope, NO_ATTRIBUTES);
      for (let i = 0; i < places.length; i++) {
        const from = begins[places[i]];
        const to = ends[places[i]];
        const ordinal = part.ordinals[index] ?? index;
        const begin = writer.out.length;
        writer.begin(target, frame, ordinal);
        reader.pos = from;
        if (!wire.write(writer.out, reader, to, part.receivedNs, target.dataStreamField, context)) {
          writer.out.rewind(begin);
          reader.pos = from;
          const record = readLogRecord(reader, to);
          const own = router.target('logs', resource, scope, record.attributes);
          writer.begin(own, frame, ordinal);
          otel.log(record, record.timeNs || record.observedTimeNs || part.receivedNs, own, context);
        }
        writer.end(firstItem + index++);
      }
    }
  };
  readGrouped<number, ScopePlaces, null>(bytes, undefined, undefined, {
    item: (outer, end) => {
      const place = begins.push(outer.pos) - 1;
      ends.push(end);
      outer.pos = end;
      return wanted.take() < 0 ? null : place;
    },
    scopeGroup: (scope, schemaUrl, places) => ({ scope, schemaUrl, places }),
    resourceGroup: (resource, schemaUrl, groups) => {
      scopes(resource, schemaUrl, groups);
      return null;
    },
  });
  if (index !== part.items) reader.fail(`the part holds ${index} log records instead of ${part.items}`, 0);
  return firstItem + index;
}

interface ScopePlaces {
  readonly scope: Scope | null;
  readonly schemaUrl: string;
  /** Numbers of records among all that are in the bytes. */
  readonly places: readonly number[];
}

const NO_ATTRIBUTES: Attributes = [];
