import type { SamplingPlan } from '../pipeline/graph.js';
import type { CachedDecision } from './deciding/decision-cache.js';
import { readKeptDecisions } from './deciding/decision-memory.js';
import { batchIdPrefix, readToldDecisions } from './records/decision-record.js';
import type { ReadableJournal } from './readable-journal.js';
import type { PolicyVerdict } from './trace-sampler.js';

/** What one pipeline decided about a trace, and why. */
export interface TraceExplanation {
  readonly pipeline: string;
  /** Id of the sampler in the configuration. */
  readonly sampler: string;
  readonly sampled: boolean;
  /** The policy that settled it; '' where none wanted the trace. */
  readonly policy: string;
  /** Every policy that was asked, in order. */
  readonly verdicts: readonly { readonly policy: string; readonly verdict: PolicyVerdict }[];
  /** There were too many undecided traces, so that it was decided before its time. */
  readonly early: boolean;
  /** RFC 3339. */
  readonly decidedAt: string;
  /** Spans that were there then, and the time between the first start and the last end. */
  readonly spans: number;
  readonly durationMs: number;
}

export interface ExplainOptions {
  readonly journal: Pick<ReadableJournal, 'id' | 'read'>;
  readonly dataDir: string;
  readonly samplers: readonly Pick<SamplingPlan, 'name' | 'pipeline' | 'sampler'>[];
  readonly tenant: string;
  /** 32 lowercase hex digits. */
  readonly traceId: string;
}

const READ_BYTES = 4 << 20;

/**
 * What was decided about a trace: from the decisions that are remembered for late spans, and those that the journal holds behind them.
 * A pipeline that knows of no decision about it is not in the answer.
 */
export async function explainTrace(options: ExplainOptions): Promise<readonly TraceExplanation[]> {
  const { samplers } = options;
  const found = await Promise.all(samplers.map(async (plan) => ({ plan, decision: await findDecision(options, plan) })));
  return found.flatMap(({ plan, decision }) => (decision === null ? [] : [explanation(plan.pipeline, plan.sampler.id, decision)]));
}

export function explanation(pipeline: string, sampler: string, { reason, spans, durationMs, decidedMs }: CachedDecision): TraceExplanation {
  const { sampled, policy, verdicts, early } = reason;
  return { pipeline, sampler, sampled, policy, verdicts, early, decidedAt: new Date(decidedMs).toISOString(), spans, durationMs };
}

async function findDecision({ journal, dataDir, tenant, traceId }: ExplainOptions, { name, pipeline, sampler }: ExplainOptions['samplers'][number]): Promise<CachedDecision | null> {
  const bytes = Buffer.from(traceId, 'hex');
  const id = bytes.toString('latin1');
  const kept = await readKeptDecisions({ dataDir, reader: name, journalId: journal.id });
  const usable = kept === 'damaged' ? null : kept;
  const remembered = usable?.find(tenant, id);
  if (remembered) return remembered;
  const prefix = batchIdPrefix(pipeline);
  for (let at = usable?.position ?? 0; ; ) {
    const { frames, next } = await journal.read(at, { maxBytes: READ_BYTES, wants: (header) => header.signal === 'logs' && header.tenant === tenant && header.origin === sampler.id && header.batchId.startsWith(prefix) });
    for (const { payload } of frames) {
      // Most frames hold nothing about it, and need no decoding.
      const told = payload.includes(bytes) ? readToldDecisions(payload).find((each) => each.id === id && !each.late) : undefined;
      if (told) return told;
    }
    if (next <= at) return null;
    at = next;
  }
}
