import type { Labels } from '@signalbox/signals/prometheus/types';
import { oneLine } from '../http/verdict.js';
import { seriesRuns, type WritePoint } from './write-points.js';

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
  readonly point: WritePoint;
  readonly reason: string;
}

/**
 * The points that a receiver did not write of a request that it took in part: as many as its headers say, found by the
 * series that its text names, a line each. Where the text names too few, those at the end make up the number.
 */
export function unwritten(points: readonly WritePoint[], written: Written, text: string): Unwritten[] {
  const missing = Math.max(0, points.length - written.samples - written.histograms);
  if (missing === 0) return [];
  const named = namedByText(points, text);
  if (named.length >= missing) return named;
  const known = new Set(named.map(({ point }) => point));
  const others = points.filter((point) => !known.has(point));
  const reason = refusalReason(oneLine(text));
  return [...named, ...others.slice(others.length - (missing - named.length)).map((point) => ({ point, reason }))];
}

function namedByText(points: readonly WritePoint[], text: string): Unwritten[] {
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
  return seriesRuns(points).flatMap((run) => {
    const series = seriesText(run[0]?.series.labels ?? []);
    const forAll = whole.get(series);
    if (forAll !== undefined) return run.map((point) => ({ point, reason: forAll }));
    return (single.get(series) ?? []).slice(0, run.length).map((reason, i) => ({ point: run[i] as WritePoint, reason }));
  });
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
