import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@signalbox/collector/config/load';
import { referenceTable } from '@signalbox/collector/config/reference';
import { serviceGraphSchema } from '@signalbox/collector/connectors/servicegraph/config';
import { spanMetricsSchema } from '@signalbox/collector/connectors/spanmetrics/config';
import { file } from '@signalbox/collector/exporters/file/index';
import { builtinRegistry } from '@signalbox/collector/registry';
import { holdTables } from './reference-tables.js';

const UPDATE = 'UPDATE_DOCS=1 npx mocha test/contracts/connectors-docs.test.ts';
const tables: Readonly<Record<string, string>> = { spanmetrics: referenceTable(spanMetricsSchema), servicegraph: referenceTable(serviceGraphSchema) };

describe('docs of connectors', () => {
  const path = join(import.meta.dirname, '../../docs/connectors.md');

  it(`connectors.md has the settings as the code has them (else: ${UPDATE})`, () => {
    assert.deepEqual(holdTables(path, tables), builtinRegistry().connectors.map(({ type }) => type).sort(), 'every connector has a section');
  });

  it('connectors.md has an example that can be loaded', () => {
    const examples = [...readFileSync(path, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)];
    assert.equal(examples.length, 1);
    const registry = builtinRegistry();
    const store = { ...file, type: 'store', parseConfig: () => ({}) as never };
    const { connectors, warnings } = loadConfig({ text: examples[0]![1], file: 'connectors.md', env: {}, registry: { ...registry, exporters: [...registry.exporters, store] }, sections: {} });
    assert.deepEqual([connectors.map(({ id }) => id), warnings], [['spanmetrics', 'servicegraph'], []]);
  });
});
