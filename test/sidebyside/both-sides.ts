import type { ParseOptions } from '@signalbox/query/promql/parsing/parse';
import type { QueryLimits } from '@signalbox/query/http/limits';
import { requireOwnServer } from '../servers/require-server.js';
import type { MemoryAppliance } from './memory-appliance.js';
import { startMemoryAppliance } from './memory-appliance.js';
import { startWholePrometheus } from './prometheus.js';
import { Side } from './sides.js';
import type { PointSeries } from './write-request.js';

export interface BothSidesOptions {
  /** What both have from the beginning. */
  readonly data?: readonly PointSeries[];
  readonly limits?: Partial<QueryLimits>;
  readonly parsing?: ParseOptions;
}

/** Ours, over readers in memory, beside a real Prometheus. */
export interface BothSides {
  readonly ours: MemoryAppliance;
  readonly theirs: Side;
  /** Gives both the same data; `seriesPerRequest` is for what Prometheus is written. */
  load(all: readonly PointSeries[], seriesPerRequest?: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startBothSides({ data = [], limits, parsing }: BothSidesOptions = {}): Promise<BothSides> {
  const [server, ours] = await Promise.all([startWholePrometheus(), startMemoryAppliance(limits, parsing)]);
  const theirs = new Side('prometheus', server.url);
  const load = async (all: readonly PointSeries[], seriesPerRequest?: number): Promise<void> => {
    await theirs.write(all, seriesPerRequest);
    ours.load(all);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([ours.close(), server.kill()]);
  };
  try {
    await load(data);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ours, theirs, load, stop };
}

/** Both of them for the tests of a `describe`, which is skipped where there is no Prometheus. To be read within its tests alone. */
export function bothSides(options: BothSidesOptions = {}): Omit<BothSides, 'stop'> {
  let started: BothSides | undefined;
  const running = (): BothSides => {
    if (started === undefined) throw new Error('both sides are there only while the tests run');
    return started;
  };
  before(async function () {
    requireOwnServer(this, 'prometheus');
    started = await startBothSides(options);
  });
  after(() => started?.stop());
  return {
    get ours() { return running().ours; },
    get theirs() { return running().theirs; },
    load: (all, seriesPerRequest) => running().load(all, seriesPerRequest),
  };
}
