import { createHash } from 'node:crypto';
import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Batch, BatchPart } from '../../../component.js';
import type { MappingMode } from '../config.js';
import { SharedText } from './context-text.js';
import type { DocumentIds, FrameIds } from './document-id.js';
import type { DocumentWriter } from './document.js';
import { ecsPointHead } from './ecs-documents.js';
import { exponentialValues, explicitValues, type HistogramValues } from './histogram-values.js';
import { attributesText, doubleText, fieldName, JsonObject, timeText } from '../json/json-text.js';
import type { Router, Target } from '../streams/routing.js';

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

/** One value of a metric, as text, with the template's rule that types it. */
interface MetricField {
  readonly name: string;
  readonly text: string;
  readonly rule: string;
}

interface Group {
  readonly target: Target;
  readonly head: string;
  /** Of the first point, which names the document. */
  readonly ordinal: number;
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
export function metricDocuments(batch: Batch, router: Router, ids: DocumentIds, options: MetricDocumentOptions, writer: DocumentWriter): void {
  const digests = new Map<string, string>();
  let first = 0;
  for (const part of batch.parts) {
    const groups = new Grouping(part, first, router, options.mode);
    groups.addAll(writer);
    const frame = options.ownIds ? ids.in(part.position) : null;
    for (const group of groups.all()) writeGroup(group, frame, options, digests, writer);
    first += part.items;
  }
}

function writeGroup({ target, head, ordinal, fields, items }: Group, frame: FrameIds | null, { mode, rules }: MetricDocumentOptions, digests: Map<string, string>, writer: DocumentWriter): void {
  const metrics = [...fields.values()];
  const typed = mode === 'otel' ? metrics.filter(({ rule }) => rules.has(rule)) : [];
  const dynamicTemplates = typed.map(({ name, rule }) => `${JSON.stringify(`metrics.${name}`)}:"${rule}"`).join(',');
  writer.begin(target, frame, ordinal, -1, dynamicTemplates === '' ? '' : `,"dynamic_templates":{${dynamicTemplates}}`);
  writer.out.raw(mode === 'otel' ? otelSource(head, metrics, digests) : `${head.slice(0, -1)}${metrics.map(({ name, text }) => `,${JSON.stringify(name)}:${text}`).join('')}}`);
  writer.endOf(items);
}

/**
 * With a digest of the metrics' names: time series have one document for each set of dimensions and time, so that other metrics with
 * the same attributes, which came in another request, need something of their own; and the same metrics again must have the same.
 */
function otelSource(head: string, metrics: readonly MetricField[], digests: Map<string, string>): string {
  const names = metrics.map(({ name }) => name).sort().join('\0');
  let digest = digests.get(names);
  if (digest === undefined) digests.set(names, (digest = createHash('sha256').update(names).digest('hex').slice(0, HASH_DIGITS)));
  return `${head.slice(0, -1)},"_metric_names_hash":"${digest}","metrics":{${metrics.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}}`;
}

interface Context {
  readonly resource: Resource | null;
  readonly scope: Scope | null;
  /** Both as the end of a document. */
  readonly text: string;
  /** The same for the same text: short, for keys. */
  readonly number: number;
}

class Grouping {
  private readonly shared = new SharedText();
  private readonly groups = new Map<string, Group>();
  private readonly contexts = new Map<string, number>();
  private readonly times = new TimeTexts();
  private index = 0;

  constructor(private readonly part: BatchPart, private readonly first: number, private readonly router: Router, private readonly mode: MappingMode) {}

  addAll(writer: DocumentWriter): void {
    if (this.part.data.signal !== 'metrics') return;
    for (const { resource, schemaUrl, scopeMetrics } of this.part.data.metrics.resourceMetrics) {
      for (const { scope, schemaUrl: scopeSchemaUrl, metrics } of scopeMetrics) {
        const text = `"resource":${this.shared.resource(resource, schemaUrl)},"scope":${this.shared.scope(scope, scopeSchemaUrl)}}`;
        const number = this.contexts.get(text) ?? this.contexts.size;
        this.contexts.set(text, number);
        const context: Context = { resource, scope, text, number };
        for (const metric of metrics) this.addMetric(metric, context, writer);
      }
    }
  }

  all(): Iterable<Group> {
    return this.groups.values();
  }

  private addMetric(metric: Metric, context: Context, writer: DocumentWriter): void {
    const { values } = metric;
    if (values.type === 'none') return;
    for (const point of values.dataPoints) {
      const index = this.index++;
      const field = metric.name === '' ? null : fieldOf(metric.name, values, point);
      if (this.mode === 'none' || this.mode === 'raw') writer.drop(this.first + index, 'mode_has_no_metrics');
      else if (field === null) writer.drop(this.first + index, metric.name === '' ? 'no_name' : 'no_value');
      else this.addPoint(metric, point, field, context, index);
    }
  }

  private addPoint(metric: Metric, point: Point, field: MetricField, context: Context, index: number): void {
    const target = this.router.target('metrics', context.resource, context.scope, point.attributes);
    const shared: Shared = {
      time: this.times.of(point.timeNs || this.part.receivedNs),
      start: point.startNs === 0n ? '' : this.times.of(point.startNs),
      attributes: this.mode === 'ecs' ? '' : attributesText(point.attributes),
    };
    const ecs = this.mode === 'ecs' ? ecsPointHead(context.resource, context.scope, point.attributes, point.timeNs || this.part.receivedNs, target) : '';
    // A metric that stands there already with the same attributes and time gets a document of its own.
    let key = ecs === '' ? `${context.number} ${shared.time}${shared.start}${shared.attributes}${metric.unit}\0${target.index}` : target.index + ecs;
    while (this.groups.get(key)?.fields.has(field.name) === true) key += '+';
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { target, head: ecs === '' ? otelHead(metric.unit, shared, context, target) : ecs, ordinal: this.part.ordinals[index] ?? index, fields: new Map(), items: [] };
      this.groups.set(key, group);
    }
    group.fields.set(field.name, field);
    group.items.push(this.first + index);
  }
}

/** What points of one document have in common, as JSON; '' is none. */
interface Shared {
  readonly time: string;
  readonly start: string;
  readonly attributes: string;
}

function otelHead(unit: string, { time, start, attributes }: Shared, context: Context, { dataStream }: Target): string {
  const head = new JsonObject().raw('@timestamp', time);
  if (dataStream !== null) head.raw('data_stream', dataStream);
  if (start !== '') head.raw('start_timestamp', start);
  head.string('unit', unit).raw('attributes', attributes);
  return `${head.toString().slice(0, -1)},${context.text}`;
}

/** Points of a request mostly share a few times. */
class TimeTexts {
  private readonly texts = new Map<bigint, string>();

  of(timeNs: bigint): string {
    let text = this.texts.get(timeNs);
    if (text === undefined) {
      if (this.texts.size >= MAX_TIMES) this.texts.clear();
      this.texts.set(timeNs, (text = timeText(timeNs)));
    }
    return text;
  }
}

const MAX_TIMES = 1000;

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
