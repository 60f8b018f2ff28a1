import { startAppliance } from '../../test/harness/appliance.js';
import { loadProcess } from '../measure/load-process.js';
import { watch } from '../measure/processes.js';
import type { Usage } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import type { LoadResult } from '../loadgen/run-load.js';
import { findPeer } from '../peers/find.js';
import { startOtelcol } from '../peers/otelcol.js';
import { MISSING_PEER, perMillion } from './suite.js';
import type { Suite } from './suite.js';

const SPANS = 1_000_000;
const WARM_UP = 100_000;
/** Asked is this where the Collector takes so much to receive and forget a million spans. */
const REACH_CPU = { reach: 1.3, reachBeside: 1.6 };

async function load(target: string, pid: number): Promise<{ usage: Usage; result: LoadResult }> {
  await loadProcess({ target, items: WARM_UP });
  const watching = watch(pid);
  const result = await loadProcess({ target, items: SPANS });
  const usage = watching.stop();
  if (result.failed > 0) throw new Error(`${result.failed} spans were not accepted: ${JSON.stringify(result.errors)}`);
  return { usage, result };
}

/** OTLP over gRPC until it is acknowledged: ours on disk by fdatasync, the Collector's in its three ways. */
export const ingest: Suite = {
  async run() {
    const notes: string[] = [];
    const appliance = await startAppliance({ roles: ['receive'] });
    const ours = await load(appliance.grpc, appliance.pid).finally(() => appliance.stop());
    const figures: Figure[] = [];
    const cpu = perMillion(ours.usage.cpuSeconds, SPANS);
    const add = (what: string, unit: string, value: number, peer: number | null, peerName: string, asked: Pick<Figure, 'reach' | 'reachBeside'>): void => {
      figures.push({ what, unit, ours: value, peer, peerName, ...asked, better: 'lower' });
    };
    const binary = findPeer('otelcol');
    if (binary === null) {
      notes.push(MISSING_PEER);
      add('OTLP/gRPC → acknowledged on disk', 'CPU-s/M spans', cpu, null, '', REACH_CPU);
    }
    for (const mode of binary === null ? [] : (['nothing', 'queue', 'fsync'] as const)) {
      const peer = await startOtelcol(binary!, mode);
      try {
        const theirs = await load(peer.grpc, peer.pid);
        add('OTLP/gRPC → acknowledged on disk', 'CPU-s/M spans', cpu, perMillion(theirs.usage.cpuSeconds, SPANS), peer.name, mode === 'nothing' ? REACH_CPU : { reach: REACH_CPU.reach });
        if (mode !== 'queue') add('acknowledgement p99, flat out', 'ms', ours.result.ackMsP99, theirs.result.ackMsP99, peer.name, { reach: 40 });
        notes.push(`${peer.name}: ${(theirs.result.accepted / theirs.result.seconds / 1000).toFixed(0)} k spans/s, ${(theirs.usage.peakBytes / 2 ** 20).toFixed(0)} MB`);
      } finally {
        await peer.stop();
      }
    }
    notes.push(`ours: ${(ours.result.accepted / ours.result.seconds / 1000).toFixed(0)} k spans/s, ${(ours.usage.peakBytes / 2 ** 20).toFixed(0)} MB in launcher and receive, ${ours.result.bytesPerItem.toFixed(0)} bytes a span`);
    return { figures, notes };
  },
};
