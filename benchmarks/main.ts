import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from './measure/report.js';
import type { Suite } from './suites/suite.js';

/** `npm run bench -- NAME…`: runs suites one after another; `all` runs all of them. */
const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  ingest: async () => (await import('./suites/ingest.js')).ingest,
  store: async () => (await import('./suites/store.js')).store,
  filelog: async () => (await import('./suites/filelog.js')).filelog,
  parsing: async () => (await import('./suites/parsing.js')).parsing,
  delay: async () => (await import('./suites/delay.js')).delay,
  exporters: async () => (await import('./suites/exporters.js')).exporters,
  scrape: async () => (await import('./suites/scrape.js')).scrape,
  promql: async () => (await import('./suites/promql.js')).promql,
  'tail-sampling': async () => (await import('./suites/tail-sampling.js')).tailSampling,
  agent: async () => (await import('./suites/agent.js')).agent,
  steady: async () => (await import('./suites/steady.js')).steady,
};

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const names = wanted.includes('all') ? Object.keys(SUITES) : wanted;
const unknown = names.filter((n) => !(n in SUITES));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(`${unknown.length > 0 ? `There is no suite ${unknown.join(', ')}. ` : ''}Suites: ${Object.keys(SUITES).join(', ')}, all.\nExample: npm run bench -- ingest\nPeers to compare with come by \`npm run test:servers -- --peers\`.\n`);
  process.exitCode = 2;
}
if (process.exitCode === undefined) {
  for (const name of names) {
    const { figures, notes } = await (await SUITES[name]!()).run();
    report(name, figures, notes, join(fileURLToPath(new URL('.', import.meta.url)), 'results'));
  }
}
