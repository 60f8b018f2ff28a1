import { join } from 'node:path';
import { readLedger } from '@signalbox/journal/ledger';
import { SPANS_PER_TRACE } from '../loadgen/span-template.js';
import { startAppliance } from '../../test/harness/appliance.js';
import { loadProcess } from '../measure/load-process.js';
import { watch } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import { findPeer } from '../peers/find.js';
import { startOtelcolSampling } from '../peers/otelcol-sampling.js';
import { MISSING_PEER } from './suite.js';
import type { Suite } from './suite.js';

const RATE = 10_000;
const SECONDS = 40;
/** Besides the window that has to fill: what runs for days is measured, not how it starts. */
const WARM_SECONDS = 30;
const DEFAULT_WINDOW_SECONDS = 30;

interface Measured {
  /** % of a core. */
  readonly share: number;
  readonly megabytes: number;
  /** % of the decided traces. */
  readonly kept: number;
}

/** What people sample by: what is slow, what failed in one service, and some of the rest. */
function samplingSettings(windowSeconds: number): object {
  return {
    decision_wait: `${windowSeconds}s`,
    num_traces: Math.max(50_000, ((windowSeconds + 10) * RATE) / SPANS_PER_TRACE),
    policies: [
      { name: 'slow', type: 'latency', latency: { threshold_ms: 198 } },
      {
        name: 'failed-in-3', type: 'and',
        and: { and_sub_policy: [
          { name: 'failed', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
          { name: 'in-3', type: 'string_attribute', string_attribute: { key: 'service.name', values: ['svc-3'] } },
        ] },
      },
      { name: 'some', type: 'probabilistic', probabilistic: { sampling_percentage: 5 } },
    ],
  };
}

async function measure(target: string, pid: number, windowSeconds: number): Promise<Omit<Measured, 'kept'>> {
  const warm = windowSeconds + WARM_SECONDS;
  await loadProcess({ target, items: RATE * warm, rate: RATE, 'max-seconds': warm * 2 });
  const watching = watch(pid);
  const started = performance.now();
  const result = await loadProcess({ target, items: RATE * SECONDS, rate: RATE, 'max-seconds': SECONDS * 2 });
  const seconds = (performance.now() - started) / 1000;
  const { cpuSeconds, peakBytes } = watching.stop();
  if (result.failed > 0) throw new Error(`${result.failed} spans were not accepted`);
  return { share: (cpuSeconds / seconds) * 100, megabytes: peakBytes / 2 ** 20 };
}

/** Launcher, receive and deliver: received, on disk, decided, and what stays prepared for an exporter that prints a line for each request. */
async function measureOurs(windowSeconds: number): Promise<Measured> {
  const appliance = await startAppliance({
    roles: ['receive', 'deliver'],
    rest: () => `processors: { tail_sampling: ${JSON.stringify(samplingSettings(windowSeconds))} }
exporters: { debug: {} }
service: { pipelines: { traces: { receivers: [otlp], processors: [tail_sampling], exporters: [debug] } } }
`,
  });
  try {
    const figures = await measure(appliance.grpc, appliance.pid, windowSeconds);
    const rows = (await readLedger(join(appliance.dataDir, 'journal'))).filter(({ reader }) => reader === 'traces→debug');
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
    const [delivered, dropped] = [sum((row) => row.delivered), sum((row) => row.dropped['not_sampled'] ?? 0)];
    return { ...figures, kept: (delivered / (delivered + dropped)) * 100 };
  } finally {
    await appliance.stop();
  }
}

async function measureCollector(binary: string, windowSeconds: number): Promise<Measured> {
  const peer = await startOtelcolSampling(binary, samplingSettings(windowSeconds));
  try {
    const figures = await measure(peer.grpc, peer.pid, windowSeconds);
    const { sampled, notSampled } = await peer.decided();
    return { ...figures, kept: (sampled / (sampled + notSampled)) * 100 };
  } finally {
    await peer.stop();
  }
}

/** 10,000 spans a second, sampled by whole traces; `BENCH_SAMPLING_WINDOW_SECONDS` shortens the 30 s that a trace is waited for. */
export const tailSampling: Suite = {
  async run() {
    const windowSeconds = Number(process.env['BENCH_SAMPLING_WINDOW_SECONDS'] ?? DEFAULT_WINDOW_SECONDS);
    if (!(windowSeconds >= 1)) throw new Error('BENCH_SAMPLING_WINDOW_SECONDS is to be a number of seconds, 1 or more');
    const ours = await measureOurs(windowSeconds);
    const binary = findPeer('otelcol');
    const theirs = binary === null ? null : await measureCollector(binary, windowSeconds);
    const peerName = 'Collector tail_sampling → nop, in memory';
    const figures: Figure[] = [
      { what: `10,000 spans/s, window ${windowSeconds} s, journal on disk`, unit: '% of a core', ours: ours.share, peer: theirs?.share ?? null, peerName, reach: theirs?.share ?? null, better: 'lower' },
      { what: 'memory of all processes', unit: 'MB', ours: ours.megabytes, peer: theirs?.megabytes ?? null, peerName, reach: theirs?.megabytes ?? null, better: 'lower' },
    ];
    const kept = `kept: ${ours.kept.toFixed(1)} % of the spans${theirs ? `; the Collector: ${theirs.kept.toFixed(1)} % of the traces` : ''}`;
    return { figures, notes: [kept, ...(binary === null ? [MISSING_PEER] : [])] };
  },
};
