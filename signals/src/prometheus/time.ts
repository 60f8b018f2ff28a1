/** Unix nanoseconds as Prometheus' milliseconds, cut off. */
export function toMs(timeNs: bigint): number {
  return Number(timeNs / 1_000_000n);
}
