import type { Figure } from './report.js';

/** What is asked, as a person reads it: `≤ 1.30`, `≤ 1.30 beside 1.60`; a dash where nothing is claimed. */
export function askedText({ reach, reachBeside, better }: Pick<Figure, 'reach' | 'reachBeside' | 'better'>): string {
  if (reach === null) return '–';
  const beside = reachBeside === undefined ? '' : ` beside ${numberText(reachBeside)}`;
  return `${better === 'lower' ? '≤' : '≥'} ${numberText(reach)}${beside}`;
}

/**
 * Whether it is reached: as it is asked, or, where it is known what the peer took on the machine that it was asked for, by the same share of
 * the peer on this one. The two are told apart, for only the first is an absolute figure.
 */
export function verdict({ ours, peer, reach, reachBeside, better }: Pick<Figure, 'ours' | 'peer' | 'reach' | 'reachBeside' | 'better'>): string {
  if (reach === null) return '';
  const holds = (limit: number): boolean => (better === 'lower' ? ours <= limit : ours >= limit);
  if (holds(reach)) return 'reached';
  if (peer === null || reachBeside === undefined) return 'NOT REACHED';
  const share = `${numberText(ours / peer)} of the peer, asked ${numberText(reach / reachBeside)}`;
  return holds((peer * reach) / reachBeside) ? `reached by the peer's measure alone: ${share}` : `NOT REACHED: ${share}`;
}

/** Three digits that count; a dash for what is not known. */
export function numberText(n: number | null): string {
  return n === null || Number.isNaN(n) ? '–' : n >= 100 ? n.toFixed(0) : n.toPrecision(3);
}
