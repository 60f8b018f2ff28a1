import type { PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import type { PointRange } from './points.js';

/** The exemplars of a run of points, in order of time. */
export function exemplarsOf(range: PointRange, from: number, to: number): readonly PrometheusExemplar[] {
  const all: PrometheusExemplar[] = [];
  for (let i = from; i < to; i++) all.push(...range.points.exemplarsOf(range.at(i)));
  return all.sort((a, b) => a.timeMs - b.timeMs);
}
