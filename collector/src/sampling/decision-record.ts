import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { TraceFacts } from './trace-facts.js';
import type { TraceDecision } from './trace-sampler.js';

/** What became of a trace's spans in the frames from `from` to `to`. */
export interface Decided {
  /** The 16 bytes as characters (latin1). */
  readonly id: string;
  readonly sampled: boolean;
  /** Positions of the first and the last frame that it is about. */
  readonly from: number;
  readonly to: number;
}

export interface DecisionFrame {
  /** Everything that the pipeline takes before this position is decided, here or in frames before. */
  readonly decidedBefore: number;
  readonly decisions: readonly Decided[];
}

const SCOPE = 'signalbox.tail_sampling';
const KEYS = { pipeline: 'sampling.pipeline', decidedBefore: 'sampling.decided_before', from: 'sampling.first_position', to: 'sampling.last_position' } as const;
const SAMPLED = 'sampled';
const NOT_SAMPLED = 'not_sampled';
const INFO = 9;

/** A decision that was just made, for people to read and readers to follow. */
export function decisionRecord(trace: TraceFacts, decision: TraceDecision, timeNs: bigint, early: boolean): LogRecord {
  const { sampled, policy, verdicts } = decision;
  return record(trace, sampled, timeNs, [
    { key: 'sampling.policy', value: policy },
    { key: 'sampling.verdicts', value: new KeyValueList(verdicts.map((each) => ({ key: each.policy, value: each.verdict }))) },
    { key: 'trace.duration_ms', value: BigInt(trace.durationMs) },
    { key: 'trace.span_count', value: BigInt(trace.spans) },
    ...(early ? [{ key: 'sampling.early', value: true }] : []),
  ]);
}

/** Spans that came after their trace was decided, and follow it. */
export function lateRecord(late: Decided, policy: string, timeNs: bigint): LogRecord {
  return record(late, late.sampled, timeNs, [{ key: 'sampling.policy', value: policy }, { key: 'sampling.late', value: true }]);
}

function record({ id, from, to }: { readonly id: string; readonly from: number; readonly to: number }, sampled: boolean, timeNs: bigint, attributes: Attributes): LogRecord {
  return {
    timeNs, observedTimeNs: timeNs, severityNumber: INFO, severityText: '', body: sampled ? SAMPLED : NOT_SAMPLED,
    attributes: [...attributes, { key: KEYS.from, value: BigInt(from) }, { key: KEYS.to, value: BigInt(to) }],
    droppedAttributesCount: 0, flags: 0, traceId: Buffer.from(id, 'latin1').toString('hex'), spanId: '', eventName: SCOPE,
  };
}

/** A frame of decisions; it may be without any, only to say how far the pipeline is decided. */
export function decisionData(pipeline: string, decidedBefore: number, logRecords: readonly LogRecord[]): LogsData {
  const resource = { attributes: [{ key: 'service.name', value: 'signalbox' }], droppedAttributesCount: 0 };
  const scope = { name: SCOPE, version: '', attributes: [{ key: KEYS.pipeline, value: pipeline }, { key: KEYS.decidedBefore, value: BigInt(decidedBefore) }], droppedAttributesCount: 0 };
  return { resourceLogs: [{ resource, schemaUrl: '', scopeLogs: [{ scope, schemaUrl: '', logRecords }] }] };
}

/** @throws OtlpError when the payload is malformed */
export function readDecisions(payload: Uint8Array): DecisionFrame {
  let decidedBefore = 0;
  const decisions: Decided[] = [];
  for (const { scope, logRecords } of decodeLogs(payload).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)) {
    decidedBefore = Math.max(decidedBefore, numberOf(scope?.attributes ?? [], KEYS.decidedBefore));
    for (const { traceId, body, attributes } of logRecords) {
      decisions.push({ id: Buffer.from(traceId, 'hex').toString('latin1'), sampled: body === SAMPLED, from: numberOf(attributes, KEYS.from), to: numberOf(attributes, KEYS.to) });
    }
  }
  return { decidedBefore, decisions };
}

/** Attributes of ours stand at the end. */
function numberOf(attributes: readonly KeyValue[], key: string): number {
  for (let i = attributes.length - 1; i >= 0; i--) if (attributes[i].key === key) return Number(attributes[i].value);
  return 0;
}

/** In front of the batch ids of all decisions of a pipeline: by it their frames are told from the header. */
export function batchIdPrefix(pipeline: string): string {
  return `decisions:${pipeline}:`;
}
