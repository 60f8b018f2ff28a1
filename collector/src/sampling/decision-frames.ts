import type { LogRecord } from '@signalbox/signals/model/log-record';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { DerivedFrame } from '../derive/append.js';
import type { SamplingPlan } from '../pipeline/graph.js';
import { batchIdPrefix, decisionData } from './decision-record.js';

const MAX_RECORDS = 4096;

export interface DecisionsToEncode {
  readonly plan: SamplingPlan;
  /** A name of this run's own, so that batch ids never come again. */
  readonly incarnation: string;
  /** Number of its first frame. */
  readonly first: number;
  readonly decidedBefore: number;
  /** What the last of the frames says: it holds only when all before it are there. */
  readonly decidedBeforeAtEnd: number;
  readonly records: ReadonlyMap<string, readonly LogRecord[]>;
  /** Whose frame it is where there are no records. */
  readonly tenant: string;
}

/** Decisions as they go into the journal, in the order in which they are to be appended; at least one frame. */
export function encodeDecisions({ plan, incarnation, first, decidedBefore, decidedBeforeAtEnd, records, tenant }: DecisionsToEncode): readonly DerivedFrame[] {
  const parts = [...records].flatMap(([of, list]) => slices(list).map((slice) => ({ tenant: of, slice })));
  if (parts.length === 0) parts.push({ tenant, slice: [] });
  return parts.map(({ tenant: of, slice }, i) => ({
    signal: 'logs',
    encoding: 'otlp',
    tenant: of,
    origin: plan.sampler.id,
    items: slice.length,
    batchId: `${batchIdPrefix(plan.pipeline)}${incarnation}:${first + i}`,
    payload: encodeLogs(decisionData(plan.pipeline, i === parts.length - 1 ? decidedBeforeAtEnd : decidedBefore, slice)),
  }));
}

function slices(list: readonly LogRecord[]): readonly (readonly LogRecord[])[] {
  return Array.from({ length: Math.ceil(list.length / MAX_RECORDS) }, (_, i) => list.slice(i * MAX_RECORDS, (i + 1) * MAX_RECORDS));
}
