import { labelsSize, type Series } from './series.js';
import { PointRange, type Points } from './points.js';

const SAMPLE_BYTES = 24;
const BUCKET_BYTES = 4;

/** Cuts points into runs of at most so many bytes, as estimated. */
export function* requestsOf(range: PointRange, maxBytes: number): Generator<PointRange> {
  const { points } = range;
  let from = 0;
  let bytes = 0;
  let before = -1;
  for (let i = 0; i < range.length; i++) {
    const point = range.at(i);
    const run = points.run[point] as number;
    const size = pointSize(points, point);
    const seriesSize = points.seriesSize(point);
    const whole = size + (i === from || run !== before ? seriesSize : 0);
    if (i > from && bytes + whole > maxBytes) {
      yield range.slice(from, i);
      from = i;
      bytes = size + seriesSize;
    } else bytes += whole;
    before = run;
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

function pointSize(points: Points, point: number): number {
  if (points.histograms.size === 0 && points.exemplars.size === 0) return SAMPLE_BYTES;
  const histogram = points.histogramOf(point);
  const buckets = histogram ? histogram.positive.offsets.length + histogram.negative.offsets.length : 0;
  return SAMPLE_BYTES + buckets * BUCKET_BYTES + points.exemplarsOf(point).reduce((sum, { labels }) => sum + SAMPLE_BYTES + labelsSize(labels), 0);
}
