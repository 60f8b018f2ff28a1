import type { KeyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { CachedDecision } from '../deciding/decision-cache.js';
import { DecidedList } from './decided-list.js';
import { DecisionWalk } from './decision-walk.js';
import type { PolicyVerdict } from '../trace-sampler.js';

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
/** Keys of the attributes of scope and records. */
export const DECISION_KEYS = {
  pipeline: 'sampling.pipeline', decidedBefore: 'sampling.decided_before', from: 'sampling.first_position', to: 'sampling.last_position',
  policy: 'sampling.policy', verdicts: 'sampling.verdicts', early: 'sampling.early', late: 'sampling.late', duration: 'trace.duration_ms', spans: 'trace.span_count',
} as const;
/** Bodies of the records. */
export const SAMPLED = 'sampled';
export const NOT_SAMPLED = 'not_sampled';
const WALK = new DecisionWalk({ sampled: SAMPLED, from: DECISION_KEYS.from, to: DECISION_KEYS.to });

/** Puts what a frame says into the list, which holds as long as the payload does; answers its `decidedBefore`. @throws OtlpError when the payload is malformed */
export function listDecisions(payload: Uint8Array, list: DecidedList): number {
  let decidedBefore = 0;
  list.begin(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  WALK.visit(payload, {
    scopeAttribute: (key, value) => { if (key === DECISION_KEYS.decidedBefore) decidedBefore = Math.max(decidedBefore, Number(value)); },
    decision: (idAt, sampled, from, to) => list.add(idAt, sampled, from, to),
  });
  return decidedBefore;
}

/** The same as objects. @throws OtlpError when the payload is malformed */
export function readDecisions(payload: Uint8Array): DecisionFrame {
  const list = new DecidedList();
  const decidedBefore = listDecisions(payload, list);
  const { bytes, count, idAt, sampled, from, to } = list;
  return { decidedBefore, decisions: Array.from({ length: count }, (_, i) => ({ id: bytes.toString('latin1', idAt[i], idAt[i] + 16), sampled: sampled[i] === 1, from: from[i], to: to[i] })) };
}

/** The same with reasons, in the journal's order. @throws OtlpError when the payload is malformed */
export function readToldDecisions(payload: Uint8Array): readonly ToldDecision[] {
  return decodeLogs(payload).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords).map(toldDecision);
}

/** What a record of a decision says. */
function toldDecision({ traceId, body, attributes, timeNs }: LogRecord): ToldDecision {
  const value = (key: string): unknown => attributes.find((attribute) => attribute.key === key)?.value;
  const verdicts = value(DECISION_KEYS.verdicts);
  const sampled = body === SAMPLED;
  return {
    id: Buffer.from(traceId, 'hex').toString('latin1'), sampled, from: numberOf(attributes, DECISION_KEYS.from), to: numberOf(attributes, DECISION_KEYS.to), late: value(DECISION_KEYS.late) === true,
    reason: {
      sampled, policy: String(value(DECISION_KEYS.policy) ?? ''), early: value(DECISION_KEYS.early) === true,
      verdicts: verdicts instanceof KeyValueList ? verdicts.entries.map((each) => ({ policy: each.key, verdict: String(each.value) as PolicyVerdict })) : [],
    },
    spans: numberOf(attributes, DECISION_KEYS.spans), durationMs: numberOf(attributes, DECISION_KEYS.duration), decidedMs: Number(timeNs / 1_000_000n),
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
