import { serviceName } from '@signalbox/signals/model/service';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import type { Batch } from '../../component.js';
import { logItems, spanItems } from '../items.js';
import { attributesText, printable, timeText, valueText } from './text.js';

const NANOS_PER_MS = 1e6;
const STATUS: Readonly<Record<number, string>> = { 0: 'unset', 1: 'ok', 2: 'error' };

/** A line for each item: what a person wants to see of it first. Metrics are shown as Prometheus would show them. */
export function* normalLines(batch: Batch): Generator<string> {
  for (const { span, resource } of spanItems(batch)) {
    const durationMs = Number(span.endNs - span.startNs) / NANOS_PER_MS;
    yield `${timeText(span.startNs)} ${printable(serviceName(resource))} ${printable(span.name)} ${span.traceId} ${span.spanId} ${durationMs}ms ${STATUS[span.status.code] ?? span.status.code} ${attributesText(span.attributes)}`.trimEnd();
  }
  for (const { record, resource } of logItems(batch)) {
    const traced = record.traceId === '' ? '' : ` trace_id=${record.traceId}`;
    const severity = record.severityText === '' ? String(record.severityNumber) : printable(record.severityText);
    yield `${timeText(record.timeNs || record.observedTimeNs)} ${printable(serviceName(resource))} ${severity} ${valueText(record.body)} ${attributesText(record.attributes)}`.trimEnd() + traced;
  }
  for (const { data } of batch.parts) {
    if (data.signal !== 'metrics') continue;
    const { samples, dropped } = toPrometheus(data.metrics, { targetInfo: false });
    for (const { labels, value, stale, histogram, timeMs } of samples) {
      const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
      const others = labels.filter(([label]) => label !== '__name__').map(([label, text]) => `${label}=${JSON.stringify(printable(text))}`);
      const shown = stale ? 'stale' : histogram !== null ? `native histogram of ${histogram.count}, sum ${histogram.sum}` : value;
      yield `${new Date(timeMs).toISOString()} ${name}{${others.join(',')}} ${shown}`;
    }
    for (const { item, reason } of dropped) yield `data point ${item} is not shown: ${reason}`;
  }
}
