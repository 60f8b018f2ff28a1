import { writeAttributes } from '@signalbox/signals/otlp/protobuf/attributes';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import type { DerivedFrame } from '../../derive/append.js';
import { encodeResource, LogRequest } from '../../parsing/log-request.js';
import type { SamplingPlan } from '../../pipeline/graph.js';
import { batchIdPrefix, DECISION_KEYS, SAMPLING_EVENT } from './decision-record.js';
import type { DecisionRecords } from './decision-writer.js';

/** Records in a frame at the most. */
export const MAX_RECORDS = 4096;
/** Around the records of a frame. */
const FRAME_BYTES = 1024;
const RESOURCE = encodeResource({ attributes: [{ key: 'service.name', value: 'signalbox' }], droppedAttributesCount: 0 });

export interface DecisionsToEncode {
  readonly plan: Pick<SamplingPlan, 'pipeline'> & { readonly sampler: { readonly id: string } };
  /** A name of this run's own, so that batch ids never come again. */
  readonly incarnation: string;
  /** Number of its first frame. */
  readonly first: number;
  readonly decidedBefore: number;
  /** What the last of the frames says: it holds only when all before it are there. */
  readonly decidedBeforeAtEnd: number;
  /** By tenant, in slices of `MAX_RECORDS`. */
  readonly records: ReadonlyMap<string, Pick<DecisionRecords, 'slices'>>;
  /** Whose frame it is where there are no records. */
  readonly tenant: string;
}

/** Decisions as they go into the journal, in the order in which they are to be appended; at least one frame. */
export function encodeDecisions({ plan, incarnation, first, decidedBefore, decidedBeforeAtEnd, records, tenant }: DecisionsToEncode): readonly DerivedFrame[] {
  const parts = [...records].flatMap(([of, list]) => list.slices().map((slice) => ({ tenant: of, ...slice })));
  if (parts.length === 0) parts.push({ tenant, items: 0, bytes: new Uint8Array(0) });
  return parts.map(({ tenant: of, items, bytes }, i) => ({
    signal: 'logs',
    encoding: 'otlp',
    tenant: of,
    origin: plan.sampler.id,
    items,
    batchId: `${batchIdPrefix(plan.pipeline)}${incarnation}:${first + i}`,
    payload: payloadOf(plan.pipeline, i === parts.length - 1 ? decidedBeforeAtEnd : decidedBefore, bytes),
  }));
}

/** An ExportLogsServiceRequest; its scope says how far the pipeline is decided, and there need not be records. */
function payloadOf(pipeline: string, decidedBefore: number, records: Uint8Array): Uint8Array {
  const request = new LogRequest(records.length + FRAME_BYTES);
  request.useResource(RESOURCE);
  for (const bytes of [scope(pipeline, decidedBefore), records]) {
    request.reserve(bytes.length);
    request.bytes.set(bytes, request.pos);
    request.pos += bytes.length;
  }
  return request.finish();
}

/** The field `scope` of ScopeLogs. */
function scope(pipeline: string, decidedBefore: number): Uint8Array {
  const writer = new Writer(256);
  const end = writer.mark();
  writeAttributes(writer, 26, [{ key: DECISION_KEYS.pipeline, value: pipeline }, { key: DECISION_KEYS.decidedBefore, value: BigInt(decidedBefore) }]);
  writer.string(10, SAMPLING_EVENT);
  writer.message(10, end);
  return writer.finish();
}
