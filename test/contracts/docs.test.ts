import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

describe('docs', () => {
  const path = join(root, 'docs/configuration.md');

  it(`configuration.md has the settings as the code has them (else: ${UPDATE})`, () => {
    const written = readFileSync(path, 'utf8');
    const seen = new Set<string>();
    const generated = written.replace(/(<!-- reference: ([\w.]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_whole, begin: string, name: string, end: string) => {
      seen.add(name);
      return `${begin}${tables[name] ?? `unknown: ${name}`}\n${end}`;
    });
    assert.deepEqual([...seen].sort(), Object.keys(tables).sort());
    if (process.env['UPDATE_DOCS']) writeFileSync(path, generated);
    assert.equal(process.env['UPDATE_DOCS'] ? generated : written, generated);
  });

  it('errors.md has every code that the program uses, and no others', () => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs'], { cwd: root, encoding: 'utf8' }).split('\n').filter((file) => /(^|\/)src\/|^scripts\//.test(file) && !file.endsWith('.test.ts'));
    const used = new Set<string>();
    for (const file of files) for (const [code] of readFileSync(join(root, file), 'utf8').matchAll(/\bSBX_[A-Z]+(?:_[A-Z]+)+\b/g)) used.add(code);
    const listed = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `(SBX_[A-Z_]+)` \|/gm)].map(([, code]) => code!);
    assert.deepEqual(listed.filter((code, i) => listed.indexOf(code) !== i), [], 'listed twice');
    assert.deepEqual([...used].filter((code) => !listed.includes(code)).sort(), [], 'not listed');
    assert.deepEqual(listed.filter((code) => !used.has(code)).sort(), [], 'not used');
  });
});
