import type { Settled } from './settle.js';

/** What a configuration means, for `signalbox start --check`. */
export function describeConfiguration(settled: Settled): string {
  const { config } = settled;
  const lines = [
    `${settled.source.file}: no mistakes`,
    ...config.pipelines.map((p) => `  ${p.name}: ${[p.receivers.join(', '), ...p.processors, p.exporters.join(', ')].join(' → ')}`),
    `  tokens: ${settled.authRequired ? 'demanded' : 'not demanded (everything listens on this machine only)'}`,
    ...settled.warnings.map((w) => `  warning: ${w}`),
  ];
  return lines.join('\n') + '\n';
}
