import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, SummaryDataPoint } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span, SpanEvent } from '@signalbox/signals/model/span';

export type AnyDataPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

/** A data point's fields of all types; which are there, `values.type` of its metric says. */
export type LooseDataPoint = { attributes: NumberDataPoint['attributes']; startNs: bigint; timeNs: bigint; flags: number } & Partial<
  Omit<NumberDataPoint, 'attributes' | 'startNs' | 'timeNs' | 'flags'> & Omit<HistogramDataPoint, 'attributes' | 'startNs' | 'timeNs' | 'flags'> & Omit<ExponentialHistogramDataPoint, 'attributes' | 'startNs' | 'timeNs' | 'flags'> & Omit<SummaryDataPoint, 'attributes' | 'startNs' | 'timeNs' | 'flags'>
>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Holds an object that others share: the first write makes a copy, which later writes go to. */
export class Cell<T extends object> {
  #current: Writable<T>;
  #original: T;

  constructor(initial: T) {
    this.#current = initial;
    this.#original = initial;
  }

  reset(value: T): void {
    this.#current = value;
    this.#original = value;
  }

  /** As it is by now: what was put in as long as nothing was written. */
  get current(): T {
    return this.#current;
  }

  get changed(): boolean {
    return this.#current !== this.#original;
  }

  write(): Writable<T> {
    if (this.#current === this.#original) this.#current = { ...this.#original };
    return this.#current;
  }
}

const NO_RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0 };
const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
const NO_SPAN: Span = {
  traceId: '', spanId: '', traceState: '', parentSpanId: '', flags: 0, name: '', kind: 0, startNs: 0n, endNs: 0n, attributes: [], droppedAttributesCount: 0,
  events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' },
};
const NO_EVENT: SpanEvent = { timeNs: 0n, name: '', attributes: [], droppedAttributesCount: 0 };
const NO_LOG: LogRecord = { timeNs: 0n, observedTimeNs: 0n, severityNumber: 0, severityText: '', body: null, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' };
const NO_METRIC: Metric = { name: '', description: '', unit: '', metadata: [], values: { type: 'none' } };
const NO_POINT: LooseDataPoint = { attributes: [], startNs: 0n, timeNs: 0n, flags: 0 };
export const NO_CACHE = new KeyValueList([]);

/** Points of the metric at hand, by number, that statements have merged into others. They go once the metric is through. */
export interface MergedPoints {
  has(point: number): boolean;
  add(point: number): void;
}

/** What a statement is evaluated on: one item and all that it stands in. One is made per processor and filled again for each item. */
export class EvaluationContext {
  readonly resource = new Cell<Resource>(NO_RESOURCE);
  readonly resourceSchema = new Cell<{ readonly schemaUrl: string }>({ schemaUrl: '' });
  readonly scope = new Cell<Scope>(NO_SCOPE);
  readonly scopeSchema = new Cell<{ readonly schemaUrl: string }>({ schemaUrl: '' });
  readonly span = new Cell<Span>(NO_SPAN);
  readonly event = new Cell<SpanEvent>(NO_EVENT);
  eventIndex = 0;
  readonly log = new Cell<LogRecord>(NO_LOG);
  readonly metric = new Cell<Metric>(NO_METRIC);
  readonly point = new Cell<LooseDataPoint>(NO_POINT);
  /** Null where points cannot go. */
  mergedPoints: MergedPoints | null = null;
  /** What statements keep for one another while one item passes. */
  cache = NO_CACHE;

  /** @param now Unix time in nanoseconds */
  constructor(readonly now: () => bigint) {}

  enterResource(resource: Resource | null, schemaUrl: string): void {
    this.resource.reset(resource ?? NO_RESOURCE);
    this.resourceSchema.reset({ schemaUrl });
    this.cache = NO_CACHE;
  }

  enterScope(scope: Scope | null, schemaUrl: string): void {
    this.scope.reset(scope ?? NO_SCOPE);
    this.scopeSchema.reset({ schemaUrl });
    this.cache = NO_CACHE;
  }
}
