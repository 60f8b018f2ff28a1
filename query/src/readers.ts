import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span } from '@signalbox/signals/model/span';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { SeriesStatistics } from '@signalbox/signals/prometheus/series-statistics';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';

/**
 * The interfaces that the query engines and the HTTP APIs read through. The embedded store fulfils them; Prometheus,
 * Loki and Elasticsearch do too. Times are Unix nanoseconds as bigint, at millisecond precision for series.
 */

/** Goes with every read: whose data, and how to stop. */
export interface ReadContext {
  readonly tenant: string;
  /** Aborted when the client goes or the query's time is over; readers stop their work and throw its reason. */
  readonly signal: AbortSignal;
  /** Where it is there, does `work` once nobody looks any more at series that were read: their memory may be used again. */
  readonly atEnd?: (work: () => void) => void;
}

/** From `startNs` (inclusive) to `endNs` (exclusive). */
export interface TimeRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** A label or attribute matcher; regular expressions are anchored at both ends and run in linear time. */
export interface Matcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

// ---- traces ----

export interface StoredSpan {
  readonly span: Span;
  readonly resource: Resource;
  readonly scope: Scope;
  /** Of the resource: `service.name`, or `unknown_service`. */
  readonly service: string;
}

/**
 * A condition on one span. All of a search's conditions must hold for the same span. Where the span has not what the
 * condition is about, or has it in another type, it does not hold, whatever the operator; of an array one element must
 * hold. `spans/condition.ts` is the meaning in code.
 */
export interface SpanCondition {
  /**
   * `any` looks into the span's and the resource's attributes. `intrinsic` names are name, kind, status (unset|ok|error),
   * statusMessage, duration (ns), service, traceId, spanId, parentId, rootName, rootService, scopeName.
   */
  readonly scope: 'span' | 'resource' | 'any' | 'intrinsic';
  readonly key: string;
  readonly op: '=' | '!=' | '>' | '>=' | '<' | '<=' | '=~' | '!~' | 'exists';
  /** Strings compare as strings, numbers numerically with int and double attributes, booleans with booleans. Ignored for `exists`. */
  readonly value: string | number | bigint | boolean | null;
}

export interface TraceSearch {
  /** Over the spans' start. */
  readonly range: TimeRange;
  readonly conditions: readonly SpanCondition[];
  /** Whole traces returned, newest matching span first. */
  readonly limit: number;
}

export interface SpanSearch extends TraceSearch {
  /** Matching spans kept in each summary; the count is exact. */
  readonly spansPerTrace: number;
}

/** A trace that a search found. */
export interface FoundTrace {
  readonly traceId: string;
  /** Start of the newest span that matches. */
  readonly newestNs: bigint;
}

export interface TraceSummary {
  readonly traceId: string;
  /** Of the whole trace as far as stored. */
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly rootService: string;
  readonly rootName: string;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly services: readonly { readonly name: string; readonly spanCount: number; readonly errorCount: number }[];
  readonly matched: number;
  readonly matchedSpans: readonly StoredSpan[];
}

export interface Operation {
  readonly name: string;
  readonly kind: number;
}

export interface Dependency {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

export interface SpanReader {
  /** All spans of a trace by start time; empty when there is none. `range` is a hint, not a filter. */
  trace(context: ReadContext, traceId: string, range?: TimeRange): Promise<readonly StoredSpan[]>;
  /** The same of many traces in one reading, by id; ids without spans are left out. Ids as in `FoundTrace`. */
  traces(context: ReadContext, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredSpan[]>>;
  /** Newest first. Less work than `search` where the traces are read whole afterwards. */
  find(context: ReadContext, search: TraceSearch): Promise<readonly FoundTrace[]>;
  /** Newest first. */
  search(context: ReadContext, search: SpanSearch): Promise<readonly TraceSummary[]>;
  services(context: ReadContext, range?: TimeRange): Promise<readonly string[]>;
  operations(context: ReadContext, service: string, kind?: number): Promise<readonly Operation[]>;
  /** Attribute names by scope, sorted. */
  tagNames(context: ReadContext, range: TimeRange): Promise<{ readonly span: readonly string[]; readonly resource: readonly string[] }>;
  /** Values of an attribute or intrinsic, sorted, `limit` at most. */
  tagValues(context: ReadContext, scope: SpanCondition['scope'], key: string, range: TimeRange, limit: number): Promise<readonly { readonly type: 'string' | 'int' | 'float' | 'bool' | 'keyword' | 'duration'; readonly value: string }[]>;
  dependencies(context: ReadContext, range: TimeRange): Promise<readonly Dependency[]>;
}

// ---- logs ----

/** A line as Loki's API shows it; the mapping from the OTLP record is signals' `loki/stream`. */
export interface LogEntry {
  readonly timeNs: bigint;
  /** Stream labels, sorted by name. */
  readonly stream: Readonly<Record<string, string>>;
  readonly line: string;
  readonly structuredMetadata: Readonly<Record<string, string>>;
}

export interface LineFilter {
  /** `|=` contains, `!=` does not, `|~` matches, `!~` does not match (RE2, not anchored). */
  readonly op: '|=' | '!=' | '|~' | '!~';
  readonly value: string;
}

export interface LogSelect {
  readonly range: TimeRange;
  /** On stream labels alone; a label that is not there has the value ''. */
  readonly matchers: readonly Matcher[];
  /** Label filters (such as trace_id): on the stream's label of that name, else on the structured metadata, else ''. */
  readonly metadata: readonly Matcher[];
  readonly lineFilters: readonly LineFilter[];
  readonly limit: number;
  readonly direction: 'backward' | 'forward';
}

export interface LogReader {
  /** In order of time by `direction`. */
  select(context: ReadContext, select: LogSelect): Promise<readonly LogEntry[]>;
  labelNames(context: ReadContext, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]>;
  labelValues(context: ReadContext, name: string, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]>;
  /** Label sets of the streams that match any of the selectors. */
  series(context: ReadContext, range: TimeRange, selectors: readonly (readonly Matcher[])[]): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Log records of a trace with everything that was stored, by time; for the console's pane beside the waterfall. */
  ofTrace(context: ReadContext, traceId: string, range?: TimeRange): Promise<readonly StoredLog[]>;
}

export interface StoredLog {
  readonly record: LogRecord;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly service: string;
}

// ---- metrics ----

/** One series and its samples in ascending time. A stale marker is a value with STALE_NAN_BITS. */
export interface Series {
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly timesMs: Float64Array;
  /** NaN where `histograms` has the sample. */
  readonly values: Float64Array;
  /** Null where the series has floats only. */
  readonly histograms: readonly (NativeHistogram | null)[] | null;
}

export interface SeriesSelect {
  /** Milliseconds, both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
  /** Stops with LimitExceeded beyond these. */
  readonly maxSeries: number;
  readonly maxSamples: number;
}

export interface ExemplarSeries {
  readonly labels: Labels;
  readonly exemplars: readonly { readonly labels: Labels; readonly value: number; readonly timeMs: number }[];
}

export interface MetricMetadata {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';
  readonly help: string;
  readonly unit: string;
}

export interface SeriesReader {
  select(context: ReadContext, select: SeriesSelect): Promise<readonly Series[]>;
  /** Label sets only; times in milliseconds, inclusive. */
  series(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number, limit: number): Promise<readonly Labels[]>;
  labelNames(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly string[]>;
  labelValues(context: ReadContext, name: string, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly string[]>;
  metadata(context: ReadContext): Promise<readonly MetricMetadata[]>;
  exemplars(context: ReadContext, selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<readonly ExemplarSeries[]>;
  /** Of the series that are live, at most `most` in each list; null where that is not known. */
  statistics?(context: ReadContext, most: number): Promise<SeriesStatistics | null>;
}

/** A read asked for more than its limit; `setting` is the name to raise. */
export class LimitExceeded extends Error {
  constructor(readonly what: 'series' | 'samples' | 'memory', readonly limit: number, readonly setting: string) {
    super(`the query would ${what === 'memory' ? `take more than ${limit} bytes of memory` : `read more than ${limit} ${what}`}; raise ${setting} or narrow it`);
    this.name = 'LimitExceeded';
  }
}

/** What serves all queries of one backend. */
export interface Readers {
  readonly spans: SpanReader;
  readonly logs: LogReader;
  readonly series: SeriesReader;
}
