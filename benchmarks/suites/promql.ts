import { setTimeout as sleep } from 'node:timers/promises';
import { startAppliance } from '../../test/harness/appliance.js';
import { RandomTelemetry } from '../../test/integrations/random-telemetry.js';
import { startWholePrometheus } from '../../test/sidebyside/prometheus.js';
import { randomQuery } from '../../test/sidebyside/random-query.js';
import { POINTS, STEP_MS, randomSeries } from '../../test/sidebyside/random-series.js';
import { Side } from '../../test/sidebyside/sides.js';
import type { PointSeries } from '../../test/sidebyside/write-request.js';
import { cpuSeconds, processTree, watch } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import type { Suite } from './suite.js';

const SERIES = 1000;
const VALUES = 100_000;
const QUERIES = 100;
const REPEATS = 20;
/** Until background work after a load has settled, so that queries alone are measured. */
const SETTLE_MS = 5000;

interface Measured {
  readonly rateCpuMs: number;
  /** The first time, when nothing of the engine is compiled, and the second. */
  readonly firstCpuMs: number;
  readonly generatedCpuMs: number;
  readonly labelValuesMs: number;
  readonly peakMiB: number;
}

/** Queries beside a real Prometheus: the same data by remote write, the same queries over HTTP. */
export const promql: Suite = {
  async run() {
    const server = await startWholePrometheus();
    const peer = await measure(new Side('Prometheus', server.url), server.pid ?? 0).finally(() => server.stop());
    const appliance = await startAppliance({
      receivers: 'prometheusremotewrite: {}', env: { SIGNALBOX_STORE_RETENTION_AGE: 'off' },
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }\n',
    });
    const ours = await measure(new Side('signalbox', `${appliance.url}/prometheus`), appliance.pid).finally(() => appliance.stop());
    const figure = (what: string, unit: string, key: keyof Measured, reach: number): Figure => ({ what, unit, ours: ours[key], peer: peer[key], peerName: 'Prometheus 3.15', reach, better: 'lower' });
    return {
      figures: [
        figure('sum by (job)(rate(x[5m])), 1,000 series, 1 h by 15 s', 'CPU ms a query', 'rateCpuMs', 25),
        figure('100 generated queries of the side-by-side list, for the first time', 'CPU ms together', 'firstCpuMs', peer.firstCpuMs),
        figure('the same queries once more', 'CPU ms together', 'generatedCpuMs', peer.generatedCpuMs),
        figure('values of a label that has 100,000', 'ms', 'labelValuesMs', 2 * peer.labelValuesMs),
        figure('memory with 100,000 live series', 'MiB, at most', 'peakMiB', 1.5 * peer.peakMiB),
      ],
      notes: ['CPU is of all processes of the server, as the kernel counts it; memory is the resident of all of them together while the series were written and queried'],
    };
  },
};

async function measure(side: Side, pid: number): Promise<Measured> {
  const memory = watch(pid);
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - 240 * STEP_MS;
  const random = new RandomTelemetry(7);
  await side.write(randomSeries(random, startMs));
  await side.write(Array.from({ length: SERIES }, (_, i): PointSeries => ({
    labels: [['__name__', 'x_total'], ['instance', `h${i}`], ['job', `job-${i % 10}`]], points: Array.from({ length: 240 }, (_, at) => ({ timeMs: startMs + at * STEP_MS, value: at * (i + 1) })),
  })));
  await side.write(Array.from({ length: VALUES }, (_, i): PointSeries => ({ labels: [['__name__', 'wide'], ['id', `value-${i}`]], points: [0, 1].map((at) => ({ timeMs: Date.now() - 30_000 + at * STEP_MS, value: i })) })), 5000);
  await sleep(SETTLE_MS);

  const range = { start: String(startMs / 1000), end: String(startMs / 1000 + 3600), step: '15' };
  const ask = async (query: string): Promise<void> => { await side.query('query_range', { query, ...range }); };
  await ask('sum by (job) (rate(x_total[5m]))');
  const rateCpuMs = (await cpuOf(pid, async () => { for (let i = 0; i < REPEATS; i++) await ask('sum by (job) (rate(x_total[5m]))'); })) / REPEATS;

  const queries = Array.from({ length: QUERIES }, () => randomQuery(random));
  const around = { start: String(startMs / 1000 + 300), end: String(startMs / 1000 + POINTS * 15), step: '15' };
  const generated = async (): Promise<void> => { for (const query of queries) await side.query('query_range', { query, ...around }); };
  const firstCpuMs = await cpuOf(pid, generated);
  const generatedCpuMs = await cpuOf(pid, generated);

  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const { text } = await side.ask('api/v1/label/id/values', {});
    times.push(performance.now() - started);
    const found = (JSON.parse(text) as { data: string[] }).data.length;
    if (found !== VALUES) throw new Error(`${side.name} has ${found} of ${VALUES} values`);
  }
  return { rateCpuMs, firstCpuMs, generatedCpuMs, labelValuesMs: Math.min(...times), peakMiB: memory.stop().peakBytes / 1024 / 1024 };
}

/** CPU milliseconds of a process and its descendants while `work` ran. */
async function cpuOf(pid: number, work: () => Promise<void>): Promise<number> {
  const before = cpuSeconds(processTree(pid));
  await work();
  return (cpuSeconds(processTree(pid)) - before) * 1000;
}
