import type { Labels } from '@signalbox/signals/prometheus/types';
import { oneLine } from '../http/verdict.js';
import type { PointRange } from './points.js';

/** What a receiver of remote write 2.0 says it has written, in its headers. */
export interface Written {
  readonly samples: number;
  readonly histograms: number;
}

export function writtenOf(headers: Readonly<Record<string, string | string[] | undefined>>): Written | null {
  const samples = headers['x-prometheus-remote-write-samples-written'];
  const histograms = headers['x-prometheus-remote-write-histograms-written'];
  if (samples === undefined && histograms === undefined) return null;
  return { samples: Number(samples ?? 0) || 0, histograms: Number(histograms ?? 0) || 0 };
}

export interface Unwritten {
  /** Its number in the range. */
  readonly at: number;
  readonly reason: string;
}

/**
 * The points that a receiver did not write of a request that it took in part: as many as its headers say, found by the
 * series that its text names, a line each. Where the text names too few, those at the end make up the number.
 */
export function unwritten(range: PointRange, written: Written, text: string): Unwritten[] {
  const missing = Math.max(0, range.length - written.samples - written.histograms);
  if (missing === 0) return [];
  const named = namedByText(range, text);
  if (named.length >= missing) return named;
  const known = new Set(named.map(({ at }) => at));
  const others = Array.from({ length: range.length }, (_, at) => at).filter((at) => !known.has(at));
  const reason = refusalReason(oneLine(text));
  return [...named, ...others.slice(others.length - (missing - named.length)).map((at) => ({ at, reason }))];
}

function namedByText(range: PointRange, text: string): Unwritten[] {
  /** Reasons by series: one for each of its samples, or one for all. */
  const single = new Map<string, string[]>();
  const whole = new Map<string, string>();
  for (const line of text.split('\n')) {
    // Errors about exemplars cost no sample.
    if (line.includes('exemplar')) continue;
    const series = line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1);
    const reason = refusalReason(oneLine(line));
    if (!line.includes(' for series {')) whole.set(series, reason);
    else if (single.has(series)) single.get(series)?.push(reason);
    else single.set(series, [reason]);
  }
  const found: Unwritten[] = [];
  for (let to = range.length; to > 0; ) {
    const from = range.runBefore(to);
    const series = seriesText(range.points.table.labelsOf(range.points.seriesOf(range.at(from))));
    const forAll = whole.get(series);
    const reasons = forAll === undefined ? (single.get(series) ?? []) : Array.from({ length: to - from }, () => forAll);
    reasons.slice(0, to - from).forEach((reason, i) => found.push({ at: from + i, reason }));
    to = from;
  }
  return found.sort((a, b) => a.at - b.at);
}

/** A series as Prometheus' messages write it. */
function seriesText(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`).join(', ')}}`;
}

const REASONS: readonly (readonly [phrase: string, reason: string])[] = [
  ['too far in the future', 'timestamp_too_new'],
  ['out of bounds', 'out_of_bounds'],
  ['too old sample', 'timestamp_too_old'],
  ['out of order', 'out_of_order'],
  ['duplicate sample', 'duplicate_timestamp'],
  ['invalid metric name or labels', 'invalid_labels'],
  ['histogram', 'invalid_histogram'],
];

/** The first words of a rejection's reason, few in number, for counting; the text follows for people. */
export function refusalReason(text: string): string {
  const known = REASONS.find(([phrase]) => text.includes(phrase))?.[1] ?? 'refused';
  return `${known}: ${text}`;
}

/** Whether a refusal is what a sample meets that is there already. */
export function maybeThereAlready(reason: string): boolean {
  return reason.startsWith('out_of_order') || reason.startsWith('duplicate_timestamp') || reason.startsWith('timestamp_too_old');
}
