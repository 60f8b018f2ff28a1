import { startAppliance } from '../../test/harness/appliance.js';
import { loadProcess } from '../measure/load-process.js';
import { watch } from '../measure/processes.js';
import { findPeer } from '../peers/find.js';
import { startOtelcol } from '../peers/otelcol.js';
import type { Figure } from '../measure/report.js';
import { MISSING_PEER } from './suite.js';
import type { Suite } from './suite.js';

const RATE = 10_000;
const SECONDS = 40;
/** Before it: what runs for days is measured, not how it starts. */
const WARM_SECONDS = 30;

/** 10,000 spans a second for a while, everything on: how much of a core it takes. */
export const steady: Suite = {
  async run() {
    const measure = async (target: string, pid: number): Promise<{ share: number; megabytes: number }> => {
      await loadProcess({ target, items: RATE * WARM_SECONDS, rate: RATE });
      const watching = watch(pid);
      const started = performance.now();
      const result = await loadProcess({ target, items: RATE * SECONDS, rate: RATE });
      const seconds = (performance.now() - started) / 1000;
      const usage = watching.stop();
      if (result.failed > 0) throw new Error(`${result.failed} spans were not accepted`);
      return { share: (usage.cpuSeconds / seconds) * 100, megabytes: usage.peakBytes / 2 ** 20 };
    };
    const appliance = await startAppliance();
    const ours = await measure(appliance.grpc, appliance.pid).finally(() => appliance.stop());
    const binary = findPeer('otelcol');
    let theirs: { share: number; megabytes: number } | null = null;
    if (binary !== null) {
      const peer = await startOtelcol(binary, 'queue');
      theirs = await measure(peer.grpc, peer.pid).finally(() => peer.stop());
    }
    const peerName = 'Collector, persistent queue, no store';
    const figures: Figure[] = [
      { what: '10,000 spans/s, everything', unit: '% of a core', ours: ours.share, peer: theirs?.share ?? null, peerName, reach: 15, reachBeside: 12, better: 'lower' },
      { what: '10,000 spans/s, memory of all processes', unit: 'MB', ours: ours.megabytes, peer: theirs?.megabytes ?? null, peerName, reach: 300, better: 'lower' },
    ];
    return { figures, notes: binary === null ? [MISSING_PEER] : [] };
  },
};
