import { requestsOf, seriesRuns, type WritePoint } from './write-points.js';

/**
 * Divides points so that several requests can be on their way at once without two of them holding the same series: what must stay
 * in order is in one shard, whose requests go one after the other. Answers the requests of each shard.
 */
export function shardedRequests(points: readonly WritePoint[], maxBytes: number, maxShards: number): (readonly (readonly WritePoint[])[])[] {
  const requests = [...requestsOf(points, maxBytes)];
  const count = Math.min(maxShards, requests.length);
  if (count <= 1) return [requests];
  const shards: WritePoint[][] = Array.from({ length: count }, () => []);
  for (const run of seriesRuns(points)) shards[shardOf(run, count)]?.push(...run);
  return shards.filter((shard) => shard.length > 0).map((shard) => [...requestsOf(shard, maxBytes)]);
}

/** FNV-1a over the labels. */
function shardOf([first]: readonly WritePoint[], shards: number): number {
  let hash = 0x811c9dc5;
  for (const [name, value] of first?.series.labels ?? []) {
    const text = `${name}\u0000${value}\u0000`;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
