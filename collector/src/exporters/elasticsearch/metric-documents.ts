import { createHash } from 'node:crypto';
import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Batch, BatchPart } from '../../component.js';
import type { MappingMode } from './config.js';
import { SharedText } from './context-text.js';
import type { DocumentIds } from './document-id.js';
import type { DroppedItem, EsDocument } from './document.js';
import { ecsPointHead } from './ecs-documents.js';
import { exponentialValues, explicitValues, type HistogramValues } from './histogram-values.js';
import { attributesText, doubleText, fieldName, JsonObject, timeText } from './json-text.js';
import type { Router, Target } from './routing.js';

const NO_RECORDED_VALUE = 1;
const CUMULATIVE = 2;
const HASH_DIGITS = 16;

export interface MetricDocumentOptions {
  /** False where Elasticsearch makes the ids (time series data streams). */
  readonly ownIds: boolean;
  /** Names of the template's rules that the server knows. */
  readonly rules: ReadonlySet<string>;
  readonly mode: MappingMode;
}

export interface MetricDocuments {
  readonly documents: readonly EsDocument[];
  readonly dropped: readonly DroppedItem[];
}

/** One value of a metric, as text, with the template's rule that types it. */
interface MetricField {
  readonly name: string;
  readonly text: string;
  readonly rule: string;
}

interface Group {
  readonly target: Target;
  readonly head: string;
  readonly id: string;
  readonly fields: Map<string, MetricField>;
  readonly items: number[];
}

type Points = Exclude<MetricValues, { type: 'none' }>;
type Point = Points['dataPoints'][number];

/**
 * Metrics as Elastic's OpenTelemetry mapping has them: points of one resource, scope, attributes, unit and time share a
 * document, each metric a field of `metrics`. Grouped within one frame, so that the same points always make the same
 * documents, however batches are cut.
 */
export function metricDocuments(batch: Batch, router: Router, ids: DocumentIds, options: MetricDocumentOptions): MetricDocuments {
  const documents: EsDocument[] = [];
  const dropped: DroppedItem[] = [];
  let first = 0;
  for (const part of batch.parts) {
    const groups = new Grouping(part, first, router, ids, options.mode);
    groups.addAll(dropped);
    for (const { target, head, id, fields, items } of groups.all()) {
      const metrics = [...fields.values()];
      const known = options.mode === 'otel' ? metrics.filter(({ rule }) => options.rules.has(rule)) : [];
      documents.push({
        index: target.index,
        isDataStream: target.dataStream !== null,
        id: options.ownIds ? id : null,
        items,
        source: options.mode === 'otel' ? otelSource(head, metrics) : `${head.slice(0, -1)}${metrics.map(({ name, text }) => `,${JSON.stringify(name)}:${text}`).join('')}}`,
        ...(known.length === 0 ? {} : { dynamicTemplates: Object.fromEntries(known.map(({ name, rule }) => [`metrics.${name}`, rule])) }),
      });
    }
    first += part.items;
  }
  return { documents, dropped };
}

/**
 * With a digest of the metrics' names: time series have one document for each set of dimensions and time, so that other metrics with
 * the same attributes, which came in another request, need something of their own; and the same metrics again must have the same.
 */
function otelSource(head: string, metrics: readonly MetricField[]): string {
  const names = createHash('sha256').update(metrics.map(({ name }) => name).sort().join('\0')).digest('hex').slice(0, HASH_DIGITS);
  return `${head.slice(0, -1)},"_metric_names_hash":"${names}","metrics":{${metrics.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}}`;
}

interface Context {
  readonly resource: Resource | null;
  readonly scope: Scope | null;
  /** Both as the end of a document. */
  readonly text: string;
}

class Grouping {
  private readonly shared = new SharedText();
  private readonly groups = new Map<string, Group>();
  private index = 0;

  constructor(private readonly part: BatchPart, private readonly first: number, private readonly router: Router, private readonly ids: DocumentIds, private readonly mode: MappingMode) {}

  addAll(dropped: DroppedItem[]): void {
    if (this.part.data.signal !== 'metrics') return;
    for (const { resource, schemaUrl, scopeMetrics } of this.part.data.metrics.resourceMetrics) {
      for (const { scope, schemaUrl: scopeSchemaUrl, metrics } of scopeMetrics) {
        const context: Context = { resource, scope, text: `"resource":${this.shared.resource(resource, schemaUrl)},"scope":${this.shared.scope(scope, scopeSchemaUrl)}}` };
        for (const metric of metrics) this.addMetric(metric, context, dropped);
      }
    }
  }

  all(): Iterable<Group> {
    return this.groups.values();
  }

  private addMetric(metric: Metric, context: Context, dropped: DroppedItem[]): void {
    const { values } = metric;
    if (values.type === 'none') return;
    for (const point of values.dataPoints) {
      const index = this.index++;
      const field = metric.name === '' ? null : fieldOf(metric.name, values, point);
      if (this.mode === 'none' || this.mode === 'raw') dropped.push({ item: this.first + index, reason: 'mode_has_no_metrics' });
      else if (field === null) dropped.push({ item: this.first + index, reason: metric.name === '' ? 'no_name' : 'no_value' });
      else this.addPoint(metric, point, field, context, index);
    }
  }

  private addPoint(metric: Metric, point: Point, field: MetricField, context: Context, index: number): void {
    const target = this.router.target('metrics', context.resource, context.scope, point.attributes);
    const head = this.headOf(metric, point, context, target);
    // A metric that stands there already with the same attributes and time gets a document of its own.
    let key = target.index + head;
    while (this.groups.get(key)?.fields.has(field.name) === true) key += '+';
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { target, head, id: this.ids.of(this.part.position, this.part.ordinals[index] ?? index), fields: new Map(), items: [] };
      this.groups.set(key, group);
    }
    group.fields.set(field.name, field);
    group.items.push(this.first + index);
  }

  private headOf(metric: Metric, point: Point, context: Context, target: Target): string {
    const timeNs = point.timeNs || this.part.receivedNs;
    if (this.mode === 'ecs') return ecsPointHead(context.resource, context.scope, point.attributes, timeNs, target);
    const head = new JsonObject().raw('@timestamp', timeText(timeNs));
    if (target.dataStream !== null) head.raw('data_stream', target.dataStream);
    if (point.startNs !== 0n) head.raw('start_timestamp', timeText(point.startNs));
    head.string('unit', metric.unit).raw('attributes', attributesText(point.attributes));
    return `${head.toString().slice(0, -1)},${context.text}`;
  }
}

/** Null where there is no value that Elasticsearch could hold. */
function fieldOf(metricName: string, values: Points, point: Point): MetricField | null {
  if ((point.flags & NO_RECORDED_VALUE) !== 0) return null;
  const name = fieldName(metricName);
  switch (values.type) {
    case 'gauge':
    case 'sum': {
      const { value } = point as typeof values.dataPoints[number];
      const kind = values.type === 'sum' && values.monotonic && values.temporality === CUMULATIVE ? 'counter' : 'gauge';
      if (typeof value === 'bigint') return { name, text: String(value), rule: `${kind}_long` };
      return value === null || !Number.isFinite(value) ? null : { name, text: doubleText(value), rule: `${kind}_double` };
    }
    case 'histogram':
      return { name, text: histogramText(explicitValues(point as typeof values.dataPoints[number])), rule: 'histogram' };
    case 'exponentialHistogram':
      return { name, text: histogramText(exponentialValues(point as typeof values.dataPoints[number])), rule: 'histogram' };
    case 'summary': {
      const { sum, count } = point as typeof values.dataPoints[number];
      return Number.isFinite(sum) ? { name, text: `{"sum":${doubleText(sum)},"value_count":${count}}`, rule: 'summary' } : null;
    }
  }
}

function histogramText({ values, counts }: HistogramValues): string {
  return `{"values":[${values.map(doubleText).join(',')}],"counts":[${counts.join(',')}]}`;
}
