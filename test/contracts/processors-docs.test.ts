import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '@signalbox/collector/config/document/document';
import { referenceTable } from '@signalbox/collector/config/reference';
import { signature } from '@signalbox/collector/ottl/compiling/bind';
import { FUNCTIONS } from '@signalbox/collector/ottl/compiling/functions';
import { GROK_PATTERNS } from '@signalbox/collector/ottl/converters/grok-patterns';
import { attributesSchema } from '@signalbox/collector/processors/attributes/config';
import { cumulativeToDeltaSchema } from '@signalbox/collector/processors/cumulativetodelta/config';
import { deltaToCumulativeSchema } from '@signalbox/collector/processors/deltatocumulative/config';
import { filterSchema } from '@signalbox/collector/processors/filter/config';
import { normalizeSchema } from '@signalbox/collector/processors/normalize/config';
import { probabilisticSamplerSchema } from '@signalbox/collector/processors/probabilistic_sampler/config';
import { redactionSchema } from '@signalbox/collector/processors/redaction/config';
import { resourceSchema } from '@signalbox/collector/processors/resource/config';
import { resourceDetectionSchema } from '@signalbox/collector/processors/resourcedetection/config';
import { tailSamplingSchema } from '@signalbox/collector/processors/tail_sampling/schema';
import { transformSchema } from '@signalbox/collector/processors/transform/config';
import { builtinRegistry } from '@signalbox/collector/registry';
import { holdTables } from './reference-tables.js';

const UPDATE = 'UPDATE_DOCS=1 npx mocha test/contracts/processors-docs.test.ts';

const list = (functions: (typeof FUNCTIONS)['editors']): string => [...functions.values()].map((definition) => `\`${signature(definition)}\``).sort().join(', ');

const tables: Readonly<Record<string, string>> = {
  filter: referenceTable(filterSchema),
  transform: referenceTable(transformSchema),
  attributes: referenceTable(attributesSchema),
  resource: referenceTable(resourceSchema),
  resourcedetection: referenceTable(resourceDetectionSchema),
  redaction: referenceTable(redactionSchema),
  normalize: referenceTable(normalizeSchema),
  probabilistic_sampler: referenceTable(probabilisticSamplerSchema),
  tail_sampling: referenceTable(tailSamplingSchema),
  cumulativetodelta: referenceTable(cumulativeToDeltaSchema),
  deltatocumulative: referenceTable(deltaToCumulativeSchema),
  editors: list(FUNCTIONS.editors),
  converters: list(FUNCTIONS.converters),
  grok: [...GROK_PATTERNS.keys()].map((name) => `\`${name}\``).sort().join(', '),
};

describe('docs of processors', () => {
  const path = join(import.meta.dirname, '../../docs/processors.md');

  it(`processors.md has the settings and functions as the code has them (else: ${UPDATE})`, () => {
    holdTables(path, tables);
  });

  it('processors.md has examples that can be read', () => {
    const examples = [...readFileSync(path, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => readDocument(text, 'processors.md', {}));
    const { processors, samplers = [] } = builtinRegistry();
    const read = examples.flatMap(({ value, root, mistakes }) => {
      assert.deepEqual(mistakes, []);
      return Object.entries((value as { processors: Record<string, unknown> }).processors).map(([type, section]) => {
        const factory = [...processors, ...samplers].find((candidate) => candidate.type === type);
        assert.ok(factory, type);
        factory.parseConfig(section, root.child('processors').child(type));
        return type;
      });
    });
    assert.ok(read.length >= 9, read.join());
  });
});
