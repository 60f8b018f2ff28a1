import type { Frame } from '@signalbox/journal/frame';
import type { BatchPart, ComponentContext } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { FailureReport } from '../../ottl/error-mode.js';
import type { TraceFacts } from '../../sampling/trace-facts.js';
import type { PolicyVerdict, SamplingSettings, TraceDecision, TraceLookup, TraceSampler } from '../../sampling/trace-sampler.js';
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
  /** Of the trace at hand. */
  readonly #verdicts: PolicyVerdict[] = [];
  /** By what the policies said. */
  readonly #known = new Map<number, TraceDecision>();

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

  /** As the Collector's processor settles it: against where a policy drops it, else for where one wants it. What comes out the same is one object. */
  decide(trace: TraceFacts, nowMs: number): TraceDecision {
    const verdicts = this.#verdicts;
    let asked = 0;
    let outcome = 0;
    for (const { evaluate } of this.#policies) {
      const verdict = evaluate(trace, nowMs);
      verdicts[asked++] = verdict;
      outcome = outcome * OUTCOMES + NUMBER_OF[verdict];
      if (verdict === 'dropped' || (this.#firstMatch && wants(verdict))) break;
    }
    if (asked > MAX_NUMBERED) return this.#decision(asked);
    let known = this.#known.get(outcome);
    if (known === undefined) this.#known.set(outcome, (known = this.#decision(asked)));
    return known;
  }

  #decision(asked: number): TraceDecision {
    const verdicts = this.#policies.slice(0, asked).map(({ name }, i) => ({ policy: name, verdict: this.#verdicts[i] }));
    const first = (wanted: PolicyVerdict): string | undefined => verdicts.find(({ verdict }) => verdict === wanted)?.policy;
    const against = first('dropped');
    if (against !== undefined) return { sampled: false, policy: against, verdicts };
    const policy = first('sampled');
    return { sampled: policy !== undefined, policy: policy ?? '', verdicts };
  }
}

/** Verdicts as digits, none of them 0, so that fewer make another number. */
const NUMBER_OF: Readonly<Record<PolicyVerdict, number>> = { sampled: 1, not_sampled: 2, dropped: 3 };
const OUTCOMES = 4;
/** So many digits a number holds exactly. */
const MAX_NUMBERED = 26;

function limitsBytes(policies: readonly PolicyConfig[]): boolean {
  return policies.some(({ type, and, drop, composite, not }) => type === 'bytes_limiting' || limitsBytes([...(and?.and_sub_policy ?? []), ...(drop?.drop_sub_policy ?? []), ...(composite?.composite_sub_policy ?? []), ...(not ? [not.not_sub_policy] : [])]));
}
