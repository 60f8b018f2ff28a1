/** When metrics are due: so many nanoseconds after the last time. A clock that was put back does not keep them waiting. */
export class FlushInterval {
  /** 0: never yet. */
  lastNs = 0n;

  constructor(readonly intervalNs: bigint) {}

  isDue(nowNs: bigint): boolean {
    return nowNs < this.lastNs || nowNs - this.lastNs >= this.intervalNs;
  }
}
