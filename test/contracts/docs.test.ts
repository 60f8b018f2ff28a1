import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referenceTable } from '@signalbox/collector/config/reference';
import { deliverySchema } from '@signalbox/collector/delivery/settings';
import { debugSchema } from '@signalbox/collector/exporters/debug/config';
import { elasticsearchSchema } from '@signalbox/collector/exporters/elasticsearch/config';
import { fileSchema } from '@signalbox/collector/exporters/file/config';
import { kafkaSchema } from '@signalbox/collector/exporters/kafka/config';
import { lokiSchema } from '@signalbox/collector/exporters/loki/config';
import { otlpHttpSchema, otlpSchema } from '@signalbox/collector/exporters/otlp/config';
import { prometheusRemoteWriteSchema } from '@signalbox/collector/exporters/prometheusremotewrite/config';
import { webhookSchema } from '@signalbox/collector/exporters/webhook/config';
import { kafkaReceiverSchema } from '@signalbox/collector/receivers/kafka/config';
import { lokiReceiverSchema } from '@signalbox/collector/receivers/loki/config';
import { logParserSchema } from '@signalbox/collector/processors/logparser/config';
import { filelogSchema } from '@signalbox/collector/receivers/filelog/config';
import { hostMetricsSchema } from '@signalbox/collector/receivers/hostmetrics/config';
import { syslogSchema } from '@signalbox/collector/receivers/syslog/config';
import { otlpReceiverSchema } from '@signalbox/collector/receivers/otlp/config';
import { prometheusReceiverSchema } from '@signalbox/collector/receivers/prometheus/config';
import { remoteWriteReceiverSchema } from '@signalbox/collector/receivers/prometheusremotewrite/config';
import { zipkinReceiverSchema } from '@signalbox/collector/receivers/zipkin/config';
import { sections } from '../../appliance/src/settings/sections.js';
import { holdTables } from './reference-tables.js';

const root = join(import.meta.dirname, '../..');
const UPDATE = 'UPDATE_DOCS=1 npx mocha --no-config --node-option import=tsx --node-option conditions=source test/contracts/docs.test.ts';

const tables: Readonly<Record<string, string>> = {
  'receivers.otlp': referenceTable(otlpReceiverSchema),
  'receivers.filelog': referenceTable(filelogSchema),
  'receivers.syslog': referenceTable(syslogSchema),
  'receivers.hostmetrics': referenceTable(hostMetricsSchema),
  'processors.logparser': referenceTable(logParserSchema),
  'receivers.prometheus': referenceTable(prometheusReceiverSchema),
  'receivers.prometheusremotewrite': referenceTable(remoteWriteReceiverSchema),
  'receivers.loki': referenceTable(lokiReceiverSchema),
  'receivers.zipkin': referenceTable(zipkinReceiverSchema),
  delivery: referenceTable(deliverySchema),
  'exporters.prometheusremotewrite': referenceTable(prometheusRemoteWriteSchema),
  'exporters.loki': referenceTable(lokiSchema),
  'exporters.elasticsearch': referenceTable(elasticsearchSchema),
  'exporters.kafka': referenceTable(kafkaSchema),
  'exporters.webhook': referenceTable(webhookSchema),
  'receivers.kafka': referenceTable(kafkaReceiverSchema),
  'exporters.otlp': referenceTable(otlpSchema),
  'exporters.otlphttp': referenceTable(otlpHttpSchema),
  'exporters.debug': referenceTable(debugSchema),
  'exporters.file': referenceTable(fileSchema),
  sections: Object.entries(sections).map(([name, schema], i) => (i === 0 ? referenceTable(schema, `${name}.`) : referenceTable(schema, `${name}.`).split('\n').slice(2).join('\n'))).join('\n'),
};

/** Files of the project that are there, by patterns of git's. */
function listed(...patterns: string[]): string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], { cwd: root, encoding: 'utf8' }).split('\n');
  return [...new Set(files)].filter((file) => file !== '' && existsSync(join(root, file)));
}

/** Of packages and scripts, without tests. */
function sources(...patterns: string[]): string[] {
  return listed(...patterns).filter((file) => /(^|\/)src\/|^scripts\//.test(file) && !file.endsWith('.test.ts'));
}

/** Whether a relative link of a page has a file and, in a page, a heading. */
function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(target)) return false;
  if (heading === undefined || !target.endsWith('.md')) return true;
  return [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].some(([, title]) => title!.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').trim().replaceAll(' ', '-') === heading);
}

describe('docs', () => {
  const path = join(root, 'docs/configuration.md');

  it(`configuration.md has the settings as the code has them (else: ${UPDATE})`, () => {
    holdTables(path, tables);
  });

  it('errors.md has every code that the program uses, and no others', () => {
    const used = new Set<string>();
    for (const file of sources('*.ts', '*.mjs')) for (const [code] of readFileSync(join(root, file), 'utf8').matchAll(/\bSBX_[A-Z]+(?:_[A-Z]+)+\b/g)) used.add(code);
    const listed = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `(SBX_[A-Z_]+)` \|/gm)].map(([, code]) => code!);
    assert.deepEqual(listed.filter((code, i) => listed.indexOf(code) !== i), [], 'listed twice');
    assert.deepEqual([...used].filter((code) => !listed.includes(code)).sort(), [], 'not listed');
    assert.deepEqual(listed.filter((code) => !used.has(code)).sort(), [], 'not used');
  });

  it('names every metric that the program counts about itself', () => {
    const pages = listed('docs/*.md').map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    // As /metrics has them: counters end with `_total`.
    const counted = new Set<string>();
    for (const file of sources('*.ts')) {
      for (const [, kind, name] of readFileSync(join(root, file), 'utf8').matchAll(/\.(count|total|gauge|observe)\(\s*'((?:otelcol|signalbox)_[a-z_]+)'/g)) counted.add(/^(count|total)$/.test(kind!) && !name!.endsWith('_total') ? `${name}_total` : name!);
    }
    assert.ok(counted.size > 20, 'the pattern finds no metrics any more');
    assert.deepEqual([...counted].filter((name) => !new RegExp(`\\b${name}\\b`).test(pages)).sort(), []);
  });

  it('texts that say what to raise or lower call settings by their names', () => {
    const known = [...(tables['sections'] ?? '').matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, name]) => name!);
    const named = sources('*.ts').flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/(?:\b(?:raise|lower) |\b(?:LimitExceeded|Queue)\(.*, ')((?:journal|store|query|serve|receive|auth)\.[A-Za-z_.]*[A-Za-z_])/g)].map(([, name]) => ({ file, name: name! })));
    assert.ok(named.length > 10, 'the pattern finds no settings any more');
    assert.deepEqual(named.filter(({ name }) => !known.some((setting) => setting === name || setting.startsWith(`${name}.`))), []);
  });

  it('leads to files and headings that are there', () => {
    const pages = listed('*.md');
    assert.ok(pages.length > 20);
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8');
      const links = [...text.matchAll(/\]\(([^)\s:]+)\)/g)].map(([, link]) => link!).filter((link) => !leads(page, link));
      const sourcePaths = [...text.matchAll(/`([a-z]+(?:\/node)?\/src\/[\w./-]+)`/g)].map(([, path]) => path!).filter((path) => !existsSync(join(root, path)));
      return [...links, ...sourcePaths].map((what) => `${page}: ${what}`);
    });
    assert.deepEqual(broken, []);
  });
});
