import { PointRange, type Points } from './points.js';
import type { Series } from './series.js';

/** Cuts points into runs of at most so many bytes, as estimated. */
export function* requestsOf(range: PointRange, maxBytes: number): Generator<PointRange> {
  const { points } = range;
  if (points.mostBytes <= maxBytes) {
    if (range.length > 0) yield range;
    return;
  }
  let from = 0;
  let bytes = 0;
  let run = -1;
  let seriesSize = 0;
  for (let i = 0; i < range.length; i++) {
    const point = range.at(i);
    const size = points.pointSize(point);
    const sameRun = points.run[point] === run;
    if (!sameRun) {
      run = points.run[point] as number;
      seriesSize = points.seriesSize(point);
    }
    const more = size + (sameRun && i > from ? 0 : seriesSize);
    if (i > from && bytes + more > maxBytes) {
      yield range.slice(from, i);
      from = i;
      bytes = size + seriesSize;
    } else bytes += more;
  }
  if (from < range.length) yield range.slice(from);
}

/**
 * Divides points so that several requests can be on their way at once without two of them holding the same series: what must stay
 * in order is in one shard, whose requests go one after the other. Answers the requests of each shard.
 */
export function shardedRequests(range: PointRange, maxBytes: number, maxShards: number): (readonly PointRange[])[] {
  const requests = [...requestsOf(range, maxBytes)];
  const count = Math.min(maxShards, requests.length);
  if (count <= 1) return [requests];
  const { points } = range;
  const shards: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0, run = -1, shard = 0; i < range.length; i++) {
    const point = range.at(i);
    if (points.run[point] !== run) {
      run = points.run[point] as number;
      shard = shardOf(points, points.seriesOf(point), count);
    }
    (shards[shard] as number[]).push(point);
  }
  return shards.filter((shard) => shard.length > 0).map((shard) => [...requestsOf(new PointRange(points, Int32Array.from(shard), 0, shard.length), maxBytes)]);
}

/** FNV-1a over the labels. */
function shardOf({ table }: Points, series: Series, shards: number): number {
  let hash = 0x811c9dc5;
  for (const [name, value] of table.labelsOf(series)) {
    const text = `${name}\u0000${value}\u0000`;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
