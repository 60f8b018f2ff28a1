import type { Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { TraceFacts } from './trace-facts.js';
import type { CachedDecision } from './decision-cache.js';
import type { DecisionReason } from './decision-reason.js';
import { DecisionWalk } from './decision-walk.js';
import type { PolicyVerdict } from './trace-sampler.js';

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

/** A decision with its reason, as it was told. */
export interface ToldDecision extends Decided, CachedDecision {
  /** About spans that came after their trace was decided; their number is not told. */
  readonly late: boolean;
}

/** Name of the scope and of the event. */
export const SAMPLING_EVENT = 'signalbox.tail_sampling';
const KEYS = {
  pipeline: 'sampling.pipeline', decidedBefore: 'sampling.decided_before', from: 'sampling.first_position', to: 'sampling.last_position',
  policy: 'sampling.policy', verdicts: 'sampling.verdicts', early: 'sampling.early', late: 'sampling.late', duration: 'trace.duration_ms', spans: 'trace.span_count',
} as const;
const SAMPLED = 'sampled';
const NOT_SAMPLED = 'not_sampled';
const INFO = 9;
const WALK = new DecisionWalk({ sampled: SAMPLED, from: KEYS.from, to: KEYS.to });

/** A decision that was just made, for people to read and readers to follow. */
export function decisionRecord(trace: TraceFacts, { sampled, policy, verdicts, early }: DecisionReason, timeNs: bigint): LogRecord {
  return record(trace, sampled, timeNs, [
    { key: KEYS.policy, value: policy },
    { key: KEYS.verdicts, value: new KeyValueList(verdicts.map((each) => ({ key: each.policy, value: each.verdict }))) },
    { key: KEYS.duration, value: BigInt(trace.durationMs) },
    { key: KEYS.spans, value: BigInt(trace.spans) },
    ...(early ? [{ key: KEYS.early, value: true }] : []),
  ]);
}

/** Spans that came after their trace was decided, and follow it. */
export function lateRecord(late: Decided, policy: string, timeNs: bigint): LogRecord {
  return record(late, late.sampled, timeNs, [{ key: KEYS.policy, value: policy }, { key: KEYS.late, value: true }]);
}

function record({ id, from, to }: { readonly id: string; readonly from: number; readonly to: number }, sampled: boolean, timeNs: bigint, attributes: Attributes): LogRecord {
  return {
    timeNs, observedTimeNs: timeNs, severityNumber: INFO, severityText: '', body: sampled ? SAMPLED : NOT_SAMPLED,
    attributes: [...attributes, { key: KEYS.from, value: BigInt(from) }, { key: KEYS.to, value: BigInt(to) }],
    droppedAttributesCount: 0, flags: 0, traceId: Buffer.from(id, 'latin1').toString('hex'), spanId: '', eventName: SAMPLING_EVENT,
  };
}

/** A frame of decisions; it may be without any, only to say how far the pipeline is decided. */
export function decisionData(pipeline: string, decidedBefore: number, logRecords: readonly LogRecord[]): LogsData {
  const resource = { attributes: [{ key: 'service.name', value: 'signalbox' }], droppedAttributesCount: 0 };
  const scope = { name: SAMPLING_EVENT, version: '', attributes: [{ key: KEYS.pipeline, value: pipeline }, { key: KEYS.decidedBefore, value: BigInt(decidedBefore) }], droppedAttributesCount: 0 };
  return { resourceLogs: [{ resource, schemaUrl: '', scopeLogs: [{ scope, schemaUrl: '', logRecords }] }] };
}

/** @throws OtlpError when the payload is malformed */
export function readDecisions(payload: Uint8Array): DecisionFrame {
  let decidedBefore = 0;
  const decisions: Decided[] = [];
  WALK.visit(payload, {
    scopeAttribute: (key, value) => { if (key === KEYS.decidedBefore) decidedBefore = Math.max(decidedBefore, Number(value)); },
    decision: (id, sampled, from, to) => decisions.push({ id, sampled, from, to }),
  });
  return { decidedBefore, decisions };
}

/** The same with reasons, in the journal's order. @throws OtlpError when the payload is malformed */
export function readToldDecisions(payload: Uint8Array): readonly ToldDecision[] {
  return decodeLogs(payload).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords).map(toldDecision);
}

/** What a record of a decision says. */
export function toldDecision({ traceId, body, attributes, timeNs }: LogRecord): ToldDecision {
  const value = (key: string): unknown => attributes.find((attribute) => attribute.key === key)?.value;
  const verdicts = value(KEYS.verdicts);
  const sampled = body === SAMPLED;
  return {
    id: Buffer.from(traceId, 'hex').toString('latin1'), sampled, from: numberOf(attributes, KEYS.from), to: numberOf(attributes, KEYS.to), late: value(KEYS.late) === true,
    reason: {
      sampled, policy: String(value(KEYS.policy) ?? ''), early: value(KEYS.early) === true,
      verdicts: verdicts instanceof KeyValueList ? verdicts.entries.map((each) => ({ policy: each.key, verdict: String(each.value) as PolicyVerdict })) : [],
    },
    spans: numberOf(attributes, KEYS.spans), durationMs: numberOf(attributes, KEYS.duration), decidedMs: Number(timeNs / 1_000_000n),
  };
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
