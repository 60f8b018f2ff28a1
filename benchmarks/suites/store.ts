import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppliance } from '../../test/harness/appliance.js';
import type { RunningAppliance } from '../../test/harness/appliance.js';
import { loadProcess } from '../measure/load-process.js';
import { watch } from '../measure/processes.js';
import type { Usage } from '../measure/processes.js';
import type { LoadResult } from '../loadgen/run-load.js';
import { findPeer } from '../peers/find.js';
import { startJaeger } from '../peers/jaeger.js';
import type { Peer } from '../peers/otelcol.js';
import type { Figure } from '../measure/report.js';
import { timedLookups } from './lookups.js';
import { MISSING_PEER, perMillion } from './suite.js';
import type { Suite } from './suite.js';

const SPANS = 1_000_000;
/** Sent before, as in `ingest`: what a process takes until its code is compiled is no delay at full load. */
const WARM_UP = 100_000;
/** Every second so many milliseconds are looked at to see whether the store has come to rest. */
const SETTLE_MS = 1000;
const SETTLE_AT_MOST_MS = 180_000;

interface StatusOfStore {
  readonly journal: { readonly behindBytes: number };
}

/** Until everything is in files and no merge is under way: the CPU time of a whole interval is next to nothing. */
async function settled(appliance: RunningAppliance): Promise<void> {
  const started = performance.now();
  for (let calm = 0; calm < 8 && performance.now() - started < SETTLE_AT_MOST_MS;) {
    const watching = watch(appliance.pid);
    await sleep(SETTLE_MS);
    const status = (await (await fetch(`${appliance.url}/api/v1/status`)).json()) as StatusOfStore;
    calm = watching.stop().cpuSeconds < 0.15 && status.journal.behindBytes === 0 ? calm + 1 : 0;
  }
}

export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).reduce((sum, e) => sum + statSync(join(e.parentPath, e.name)).size, 0);
}

/** The delays are those of the million alone, the rest is of all. */
async function load(target: string): Promise<LoadResult> {
  const before = await loadProcess({ target, items: WARM_UP, 'max-seconds': 300 });
  const result = await loadProcess({ target, items: SPANS, 'max-seconds': 300 });
  return { ...result, seconds: before.seconds + result.seconds, accepted: before.accepted + result.accepted, failed: before.failed + result.failed, traceIds: [...before.traceIds, ...result.traceIds] };
}

async function loadPeer(peer: Peer): Promise<{ usage: Usage; result: LoadResult }> {
  const watching = watch(peer.pid);
  const result = await load(peer.grpc);
  await sleep(5000);
  return { usage: watching.stop(), result };
}

/** Everything from OTLP to searchable files, one merge included; then look-ups over what is stored, then a start with it. */
export const store: Suite = {
  async run() {
    const notes: string[] = [];
    const figures: Figure[] = [];
    // Rows go to files soon, so that within the run several files come to be and are merged.
    const env = { SIGNALBOX_STORE_FLUSH_AGE: '5s' };
    let appliance = await startAppliance({ env });
    const watching = watch(appliance.pid);
    const result = await load(appliance.grpc);
    const underLoad = result.ackMsP99;
    await settled(appliance);
    const usage = watching.stop();
    const bytes = folderBytes(join(appliance.dataDir, 'store'));
    const ours = await timedLookups(appliance.url + '/jaeger', result.traceIds, result.accepted);
    await appliance.stop({ keep: true });
    appliance = await startAppliance({ env, dataDir: appliance.dataDir });
    const { readyMs } = appliance;
    await appliance.stop();

    let peer: { usage: Usage; result: LoadResult; bytes: number; lookups: Awaited<ReturnType<typeof timedLookups>> } | null = null;
    const binary = findPeer('jaeger');
    if (binary === null) notes.push(MISSING_PEER);
    else {
      const jaeger = await startJaeger(binary);
      try {
        const loaded = await loadPeer(jaeger);
        peer = { ...loaded, bytes: folderBytes(jaeger.dataDir), lookups: await timedLookups(jaeger.url, loaded.result.traceIds, loaded.result.accepted) };
      } finally {
        await jaeger.stop();
      }
    }
    const add = (what: string, unit: string, value: number, theirs: number | undefined, reach: number, reachBeside?: number): void => {
      figures.push({ what, unit, ours: value, peer: theirs ?? null, peerName: 'Jaeger v2 on badger', reach, ...(reachBeside !== undefined && { reachBeside }), better: 'lower' });
    };
    add('OTLP → searchable, merge included', 'CPU-s/M spans', perMillion(usage.cpuSeconds, result.accepted), peer ? perMillion(peer.usage.cpuSeconds, peer.result.accepted) : undefined, 12, 99);
    add('memory of all processes, peak', 'MB', usage.peakBytes / 2 ** 20, peer ? peer.usage.peakBytes / 2 ** 20 : undefined, 500);
    add('acknowledgement p99, flat out, store running', 'ms', underLoad, peer?.result.ackMsP99, 40);
    add('on disk', 'bytes/span', bytes / result.accepted, peer ? peer.bytes / peer.result.accepted : undefined, 80);
    add('trace by id p99', 'ms', ours.traceById, peer?.lookups.traceById, 40);
    add('service + attribute, newest 20, p99', 'ms', ours.serviceAndAttribute, peer?.lookups.serviceAndAttribute, 200);
    add('start to ready with 1 M spans', 'ms', readyMs, undefined, 1500);
    notes.push(`ours: ${(result.accepted / result.seconds / 1000).toFixed(0)} k spans/s acknowledged while the store ran`, `look-ups go over Jaeger's HTTP API of both, one at a time: ${ours.count} each`);
    return { figures, notes };
  },
};
