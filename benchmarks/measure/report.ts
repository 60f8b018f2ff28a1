import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { askedText, numberText, verdict } from './verdict.js';

/** One measured figure beside its peer's. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Null where there is no peer in this run. */
  readonly peer: number | null;
  readonly peerName: string;
  /** What is to be reached; null where nothing is claimed. */
  readonly reach: number | null;
  /** What the peer took on the machine that `reach` was asked for; a slower one is asked for the same share of the peer. */
  readonly reachBeside?: number;
  readonly better: 'lower' | 'higher';
}

/** Prints a table and writes JSON beside it, with what it was measured on. */
export function report(suite: string, figures: readonly Figure[], notes: readonly string[], folder: string): void {
  const rows = figures.map((f) => [
    f.what, numberText(f.ours), f.unit, f.peer === null ? '–' : `${numberText(f.peer)} (${f.peerName})`, f.peer === null ? '–' : `${numberText(f.better === 'lower' ? f.peer / f.ours : f.ours / f.peer)}×`,
    askedText(f), verdict(f),
  ]);
  const head = ['what', 'ours', 'unit', 'peer, same run', 'ratio', 'to reach', ''];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string => cells.map((c, i) => c.padEnd(widths[i]!)).join('  ').trimEnd();
  process.stdout.write([`${suite}`, line(head), ...rows.map(line), ...notes.map((n) => `  ${n}`), ''].join('\n') + '\n');
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
  writeFileSync(join(folder, `${suite}.json`), JSON.stringify({ suite, at: new Date().toISOString(), machine, figures, notes }, null, 2) + '\n');
}
