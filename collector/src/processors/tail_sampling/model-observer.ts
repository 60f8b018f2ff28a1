import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Span } from '@signalbox/signals/model/span';
import type { BatchPart } from '../../component.js';
import { EvaluationContext } from '../../ottl/evaluation-context.js';
import { anyHolds, type FailureReport } from '../../ottl/error-mode.js';
import { walkData } from '../../ottl/walk/data.js';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { TraceFacts } from '../../sampling/trace-facts.js';
import type { TraceLookup } from '../../sampling/trace-sampler.js';
import { hasTraceState, type SpanConditions } from './conditions.js';

/** Gathers facts from decoded spans: where conditions are statements, or processors stand in front. Agrees with `WireObserver`. */
export class ModelObserver {
  readonly #evaluation: EvaluationContext;

  constructor(private readonly conditions: SpanConditions, private readonly report: FailureReport) {
    this.#evaluation = new EvaluationContext(() => report.context.clock.nowNs());
  }

  observe({ data }: BatchPart, traces: TraceLookup, countBytes: boolean): void {
    if (data.signal !== 'traces') return;
    const ofItems: (TraceFacts | null)[] = [];
    for (const { resource, scopeSpans } of data.traces.resourceSpans) {
      const ofResource = this.#metBy(resource?.attributes ?? []);
      for (const { spans } of scopeSpans) {
        for (const span of spans) {
          const trace = traces.byHex(span.traceId);
          ofItems.push(trace);
          if (trace) this.#span(trace, span, ofResource, countBytes);
        }
      }
    }
    for (const { number, context, mode, statements } of this.conditions.statements) {
      walkData(data, this.#evaluation, context, (item) => {
        const trace = ofItems[item];
        if (trace && !trace.met(number) && anyHolds(statements, this.#evaluation, mode, this.report) === true) trace.meet(number);
        return true;
      });
    }
  }

  #span(trace: TraceFacts, span: Span, ofResource: readonly number[], countBytes: boolean): void {
    const { startNs, endNs, status, traceState } = span;
    trace.spans++;
    if (countBytes) trace.bytes += encodeTraces({ resourceSpans: [{ resource: null, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: [span] }] }] }).length;
    trace.time(Number(startNs >> 32n), Number(startNs & 0xffff_ffffn), Number(endNs >> 32n), Number(endNs & 0xffff_ffffn));
    for (const number of ofResource) trace.meet(number);
    for (const number of this.#metBy(span.attributes)) trace.meet(number);
    for (const { number, codes } of this.conditions.statuses) if (status.code >= 0 && status.code < 32 && (codes & (1 << status.code)) !== 0) trace.meet(number);
    for (const { number, key, values } of this.conditions.traceStates) if (hasTraceState(traceState, key, values)) trace.meet(number);
  }

  #metBy(attributes: Attributes): readonly number[] {
    const { attributes: byKey } = this.conditions;
    if (byKey.size === 0) return [];
    return attributes.flatMap(({ key, value }) => (byKey.get(key) ?? []).filter(({ matches }) => matches(value)).map(({ number }) => number));
  }
}
