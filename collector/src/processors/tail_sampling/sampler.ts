import type { Frame } from '@signalbox/journal/frame';
import type { BatchPart, ComponentContext } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { FailureReport } from '../../ottl/error-mode.js';
import type { TraceFacts } from '../../sampling/trace-facts.js';
import type { SamplingSettings, TraceDecision, TraceLookup, TraceSampler } from '../../sampling/trace-sampler.js';
import { compilePolicies } from './compile.js';
import { SpanConditions } from './conditions.js';
import { ModelObserver } from './model-observer.js';
import { wants, type Policy } from './policies.js';
import type { PolicyConfig, TailSamplingConfig } from './schema.js';
import { WireObserver } from './wire-observer.js';

/** Asks policies about whole traces. */
export class TailSampler implements TraceSampler {
  readonly settings: SamplingSettings;
  readonly needsModel: boolean;
  readonly #policies: readonly Policy[];
  readonly #firstMatch: boolean;
  readonly #countsBytes: boolean;
  readonly #wire: WireObserver;
  readonly #model: ModelObserver;

  constructor(config: TailSamplingConfig, context: ComponentContext) {
    const { decision_cache: cache, num_traces: maxTraces } = config;
    const conditions = new SpanConditions();
    this.#policies = compilePolicies(config.policies, detachedPlace(context.id), conditions, []);
    this.#firstMatch = config.sample_on_first_match;
    this.#countsBytes = limitsBytes(config.policies);
    this.#wire = new WireObserver(conditions);
    this.#model = new ModelObserver(conditions, new FailureReport(context));
    this.needsModel = conditions.statements.length > 0;
    this.settings = { decisionWaitMs: config.decision_wait, maxTraces, sampledCacheSize: cache.sampled_cache_size || maxTraces, notSampledCacheSize: cache.non_sampled_cache_size || maxTraces };
  }

  observe(frame: Frame, traces: TraceLookup): void {
    this.#wire.observe(frame, traces);
  }

  observeModel(part: BatchPart, traces: TraceLookup): void {
    this.#model.observe(part, traces, this.#countsBytes);
  }

  /** As the Collector's processor settles it: against where a policy drops it, else for where one wants it. */
  decide(trace: TraceFacts, nowMs: number): TraceDecision {
    const verdicts: { policy: string; verdict: ReturnType<Policy['evaluate']> }[] = [];
    for (const { name, evaluate } of this.#policies) {
      const verdict = evaluate(trace, nowMs);
      verdicts.push({ policy: name, verdict });
      if (verdict === 'dropped' || (this.#firstMatch && wants(verdict))) break;
    }
    const first = (wanted: string): string | undefined => verdicts.find(({ verdict }) => verdict === wanted)?.policy;
    const against = first('dropped');
    if (against !== undefined) return { sampled: false, policy: against, verdicts };
    const policy = first('sampled');
    return { sampled: policy !== undefined, policy: policy ?? '', verdicts };
  }
}

function limitsBytes(policies: readonly PolicyConfig[]): boolean {
  return policies.some(({ type, and, drop, composite, not }) => type === 'bytes_limiting' || limitsBytes([...(and?.and_sub_policy ?? []), ...(drop?.drop_sub_policy ?? []), ...(composite?.composite_sub_policy ?? []), ...(not ? [not.not_sub_policy] : [])]));
}
