import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Batch, BatchPart } from '../../component.js';
import { SharedText, dataStreamText } from './context-text.js';
import type { DataStreamName } from './data-stream.js';
import type { DocumentIds } from './document-id.js';
import type { DroppedItem, EsDocument } from './document.js';
import { exponentialValues, explicitValues, type HistogramValues } from './histogram-values.js';
import { attributesText, doubleText, fieldName, JsonObject, timeText } from './json-text.js';

const NO_RECORDED_VALUE = 1;
const CUMULATIVE = 2;

export interface MetricDocumentOptions {
  /** False where Elasticsearch makes the ids (time series data streams). */
  readonly ownIds: boolean;
  /** Names of the template's rules that the server knows. */
  readonly rules: ReadonlySet<string>;
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
export function metricDocuments(batch: Batch, stream: DataStreamName, ids: DocumentIds, options: MetricDocumentOptions): MetricDocuments {
  const documents: EsDocument[] = [];
  const dropped: DroppedItem[] = [];
  let first = 0;
  for (const part of batch.parts) {
    const groups = new Grouping(part, first, stream, ids);
    groups.addAll(dropped);
    for (const { head, id, fields, items } of groups.all()) {
      const metrics = [...fields.values()];
      const names = metrics.map(({ name, text }) => `${JSON.stringify(name)}:${text}`);
      const known = metrics.filter(({ rule }) => options.rules.has(rule));
      documents.push({
        stream,
        id: options.ownIds ? id : null,
        items,
        source: `${head.slice(0, -1)},"metrics":{${names.join(',')}}}`,
        ...(known.length === 0 ? {} : { dynamicTemplates: Object.fromEntries(known.map(({ name, rule }) => [`metrics.${name}`, rule])) }),
      });
    }
    first += part.items;
  }
  return { documents, dropped };
}

class Grouping {
  private readonly shared = new SharedText();
  private readonly groups = new Map<string, Group>();
  private readonly streamText: string;
  private index = 0;

  constructor(private readonly part: BatchPart, private readonly first: number, stream: DataStreamName, private readonly ids: DocumentIds) {
    this.streamText = dataStreamText(stream);
  }

  addAll(dropped: DroppedItem[]): void {
    if (this.part.data.signal !== 'metrics') return;
    for (const { resource, schemaUrl, scopeMetrics } of this.part.data.metrics.resourceMetrics) {
      for (const { scope, schemaUrl: scopeSchemaUrl, metrics } of scopeMetrics) {
        const context = this.contextText(resource, schemaUrl, scope, scopeSchemaUrl);
        for (const metric of metrics) this.addMetric(metric, context, dropped);
      }
    }
  }

  all(): Iterable<Group> {
    return this.groups.values();
  }

  private contextText(resource: Resource | null, schemaUrl: string, scope: Scope | null, scopeSchemaUrl: string): JsonObject {
    return new JsonObject().raw('data_stream', this.streamText).raw('resource', this.shared.resource(resource, schemaUrl)).raw('scope', this.shared.scope(scope, scopeSchemaUrl));
  }

  private addMetric(metric: Metric, context: JsonObject, dropped: DroppedItem[]): void {
    const { values } = metric;
    if (values.type === 'none') return;
    for (const point of values.dataPoints) {
      const index = this.index++;
      const field = metric.name === '' ? null : fieldOf(metric.name, values, point);
      if (field === null) dropped.push({ item: this.first + index, reason: metric.name === '' ? 'no_name' : 'no_value' });
      else this.addPoint(metric, point, field, context, index);
    }
  }

  private addPoint(metric: Metric, point: Point, field: MetricField, context: JsonObject, index: number): void {
    const head = new JsonObject().raw('@timestamp', timeText(point.timeNs || this.part.receivedNs));
    if (point.startNs !== 0n) head.raw('start_timestamp', timeText(point.startNs));
    head.string('unit', metric.unit).raw('attributes', attributesText(point.attributes));
    const text = `${head.toString().slice(0, -1)},${context.toString().slice(1)}`;
    // A metric that stands there already with the same attributes and time gets a document of its own.
    let key = text;
    while (this.groups.get(key)?.fields.has(field.name) === true) key += '+';
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { head: text, id: this.ids.of(this.part.position, this.part.ordinals[index] ?? index), fields: new Map(), items: [] };
      this.groups.set(key, group);
    }
    group.fields.set(field.name, field);
    group.items.push(this.first + index);
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
