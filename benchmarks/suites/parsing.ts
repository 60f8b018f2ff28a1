import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_FORMATS, writeLogLines } from '../loadgen/log-lines.js';
import type { Figure } from '../measure/report.js';
import type { Suite } from './suite.js';
import { tailOurs } from './tailing.js';

const LINES = Number(process.env['SIGNALBOX_BENCH_LINES'] ?? 1_000_000);

/** A million records of each format from a file until they are parsed and on disk in the journal: how many of them are parsed, and at what cost. */
export const parsing: Suite = {
  async run() {
    const figures: Figure[] = [];
    for (const [name, format] of Object.entries(LOG_FORMATS)) {
      const folder = mkdtempSync(join(tmpdir(), 'signalbox-parsing-'));
      try {
        mkdirSync(join(folder, 'logs'));
        writeLogLines(join(folder, 'lines'), format, LINES);
        const { usage, unparsed } = await tailOurs(folder, LINES, () => renameSync(join(folder, 'lines'), join(folder, 'logs/app.log')), format.settings);
        figures.push(
          { what: `${name}: records parsed`, unit: '%', ours: 100 - (unparsed / LINES) * 100, peer: null, peerName: '', reach: 99.99, better: 'higher' },
          { what: `${name}: file → parsed → journal`, unit: 'records/CPU-s', ours: LINES / usage.cpuSeconds, peer: null, peerName: '', reach: null, better: 'higher' },
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return { figures, notes: [`${LINES} records of each format; what is not parsed is kept as it is, and counted`] };
  },
};
