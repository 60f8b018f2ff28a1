import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeJsonLines } from '../loadgen/json-lines.js';
import { watch } from '../measure/processes.js';
import type { Usage } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import { findPeer } from '../peers/find.js';
import { startOtelcolTail } from '../peers/otelcol-tail.js';
import { MISSING_PEER } from './suite.js';
import { tailOurs, until } from './tailing.js';
import type { Suite } from './suite.js';

const LINES = 1_000_000;

async function tailCollector(binary: string, folder: string, bringFile: () => void): Promise<{ usage: Usage; seconds: number }> {
  const peer = await startOtelcolTail(binary, join(folder, 'logs/*.log'));
  try {
    const watching = watch(peer.pid);
    const begun = performance.now();
    bringFile();
    await until(async () => (await peer.accepted()) >= LINES);
    return { usage: watching.stop(), seconds: (performance.now() - begun) / 1000 };
  } finally {
    await peer.stop();
  }
}

/** A million lines of JSON from a file: ours until they are parsed and on disk in the journal, the Collector's until they are parsed and forgotten. */
export const filelog: Suite = {
  async run() {
    const notes: string[] = [];
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-filelog-'));
    try {
      mkdirSync(join(folder, 'logs'));
      const [away, there] = [join(folder, 'lines'), join(folder, 'logs/app.log')];
      writeJsonLines(away, LINES);
      const ours = await tailOurs(folder, LINES, () => renameSync(away, there));
      renameSync(there, away);
      const binary = findPeer('otelcol');
      if (binary === null) notes.push(MISSING_PEER);
      const theirs = binary === null ? null : await tailCollector(binary, folder, () => renameSync(away, there));
      const rate = (usage: Usage): number => LINES / usage.cpuSeconds;
      const peerName = 'Collector filelog, json_parser → nop';
      const figures: Figure[] = [
        { what: 'file → JSON parsed → journal', unit: 'lines/CPU-s', ours: rate(ours.usage), peer: theirs && rate(theirs.usage), peerName, reach: 250_000, reachBeside: 186_000, better: 'higher' },
        { what: 'memory, peak', unit: 'MB', ours: ours.usage.peakBytes / 2 ** 20, peer: theirs && theirs.usage.peakBytes / 2 ** 20, peerName, reach: 150, better: 'lower' },
        { what: 'lines parsed', unit: '%', ours: 100 - (ours.unparsed / LINES) * 100, peer: null, peerName: '', reach: 99.99, better: 'higher' },
      ];
      notes.push(`ours: ${(LINES / ours.seconds / 1000).toFixed(0)} k lines/s on disk${theirs ? `; the Collector: ${(LINES / theirs.seconds / 1000).toFixed(0)} k lines/s` : ''}`);
      return { figures, notes };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
