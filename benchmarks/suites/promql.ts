import type { Figure } from '../measure/report.js';
import { startOurs, startPeer, type Contestant } from './promql/contestant.js';
import { measureIngest, measureLive } from './promql/ingest.js';
import { measureLabels } from './promql/labels.js';
import { measureQueries } from './promql/queries.js';
import { measureStall } from './promql/stall.js';
import { measureStored } from './promql/stored.js';
import type { Suite } from './suite.js';

interface Sizes {
  readonly storedSeries: number;
  readonly storedHours: number;
  readonly labelSeries: number;
  readonly ingestSteps: number;
  readonly liveSteps: number;
  readonly stallSeconds: number;
}

const WHOLE: Sizes = { storedSeries: 10_000, storedHours: 6, labelSeries: 1_000_000, ingestSteps: 105, liveSteps: 20, stallSeconds: 20 };
/** `--quick`: the same with less data; the figures are of that data. */
const QUICK: Sizes = { storedSeries: 1000, storedHours: 6, labelSeries: 300_000, ingestSteps: 45, liveSteps: 12, stallSeconds: 8 };
/** Blocks are written while it is measured. */
const FLUSH_SOON = { SIGNALBOX_STORE_FLUSH_AGE: '5s' };

/** Metrics beside a real Prometheus: the same data by remote write and OTLP, the same queries over HTTP, each part on a server of its own. */
export const promql: Suite = {
  async run() {
    const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length).split(',');
    const quick = process.argv.includes('--quick');
    const sizes = quick ? QUICK : WHOLE;
    const wanted = (part: string): boolean => only === undefined || only.includes(part);
    const figures: Figure[] = [];
    const notes: string[] = ['CPU is of all processes of the server, as the kernel counts it; memory is the resident of all of them together, at most'];
    if (quick) notes.push('--quick: less data than the issue asks for, see each row');
    const add = (what: string, unit: string, ours: number, peer: number | null, reach: number | null, better: Figure['better'] = 'lower', reachBeside?: number): void => {
      figures.push({ what, unit, ours, peer, peerName: 'Prometheus 3.15', reach, ...(reachBeside !== undefined && { reachBeside }), better });
    };

    if (wanted('queries')) {
      const { ours, peer } = await both(measureQueries, FLUSH_SOON);
      add('sum by (job)(rate(x[5m])), 1,000 series, 1 h by 15 s', 'CPU ms a query', ours.rateCpuMs, peer.rateCpuMs, 25, 'lower', 33);
      add('100 generated queries of the side-by-side list, for the first time', 'CPU ms together', ours.coldCpuMs, peer.coldCpuMs, peer.coldCpuMs);
      add('the same queries once more', 'CPU ms together', ours.warmCpuMs, peer.warmCpuMs, peer.warmCpuMs);
      add('the same queries from the fifth time on', 'CPU ms together', ours.settledCpuMs, peer.settledCpuMs, peer.settledCpuMs);
      add('sum by (job)(rate(x[5m])), 1,000 series, after all these', 'CPU ms a query', ours.settledRateCpuMs, peer.settledRateCpuMs, 25, 'lower', 33);
    }
    if (wanted('ingest')) {
      const { ours, peer } = await both((side) => measureIngest(side, sizes.ingestSteps), FLUSH_SOON);
      add('OTLP metrics ingested, 20,000 series', 'samples a CPU-s', ours.samplesPerCpuSecond, peer.samplesPerCpuSecond, 500_000, 'higher', 690_000);
      notes.push('ingested: ours on disk before each acknowledgement (fdatasync) and as blocks at the end; Prometheus in its head and log, which it does not sync');
    }
    if (wanted('live')) {
      const { ours, peer } = await both((side) => measureLive(side, sizes.liveSteps), {});
      add('memory with 100,000 live series, 15 s', 'MiB, at most', ours.peakMiB, peer.peakMiB, 1.5 * peer.peakMiB);
      add(`100,000 new series with ${sizes.liveSteps} samples each`, 'samples a CPU-s', ours.samplesPerCpuSecond, peer.samplesPerCpuSecond, null, 'higher');
    }
    if (wanted('labels')) {
      const { ours, peer } = await both((side) => measureLabels(side, sizes.labelSeries), { SIGNALBOX_STORE_MAX_SERIES: '2000000' });
      add('values of a label that has 100,000', 'ms', ours.valuesMs, peer.valuesMs, 2 * peer.valuesMs);
      add(`series by a matcher out of ${sizes.labelSeries}`, 'ms', ours.seriesMs, peer.seriesMs, 2 * peer.seriesMs);
    }
    if (wanted('stored')) {
      const { ours, peer } = await both((side) => measureStored(side, sizes.storedSeries, sizes.storedHours), FLUSH_SOON);
      add(`sum by (job)(rate(x[5m])), ${sizes.storedSeries} series, ${sizes.storedHours} h stored`, 'CPU ms a query', ours.queryCpuMs, peer.queryCpuMs, peer.queryCpuMs);
      add('stored counters of whole numbers', 'bytes a sample', ours.wholeCounterBytes, peer.wholeCounterBytes, 2);
      add('stored counters of random doubles', 'bytes a sample', ours.counterBytes, peer.counterBytes, 6);
      add('stored gauges that drift by random doubles', 'bytes a sample', ours.gaugeBytes, peer.gaugeBytes, 6);
      add('stored doubles that have nothing in common', 'bytes a sample', ours.uniformBytes, peer.uniformBytes, null);
      notes.push('nothing in common: uniform in 0 to 100, all 52 bits of the fraction random, and exponents that hold 2 bits on average: no way to write them takes less than 6.7 bytes');
    }
    if (wanted('stall')) {
      const { ours, peer } = await both((side) => measureStall(side, sizes.stallSeconds), {}, true);
      add('the event loop\'s longest stall, 8 heavy queries, 100,000 samples/s coming in', 'ms', ours.stalls?.allMs ?? NaN, null, 50);
      add('of it, without waiting for a core', 'ms', ours.stalls?.ownMs ?? NaN, null, 50);
      add('acknowledgement p99 meanwhile', 'ms', ours.ackMsP99, peer.ackMsP99, 100);
      add('heavy queries answered meanwhile', 'queries', ours.queries, peer.queries, null, 'higher');
    }
    return { figures, notes };
  },
};

/** Measures one after the other, so that neither is in the other's way. */
async function both<T>(measure: (side: Contestant) => Promise<T>, env: NodeJS.ProcessEnv, probed = false): Promise<{ readonly ours: T; readonly peer: T }> {
  const run = async (start: () => Promise<Contestant>): Promise<T> => {
    const contestant = await start();
    try {
      return await measure(contestant);
    } finally {
      await contestant.stop();
    }
  };
  return { peer: await run(startPeer), ours: await run(() => startOurs(env, probed)) };
}
