import type { Functions } from './compiler.js';
import { addressConverters } from '../converters/addresses.js';
import { collectionConverters } from '../converters/collections.js';
import { grokConverters } from '../converters/grok.js';
import { hashConverters } from '../converters/hashes.js';
import { parseConverters } from '../converters/parse.js';
import { severityConverters } from '../converters/severity.js';
import { textConverters } from '../converters/text.js';
import { timeConverters } from '../converters/times.js';
import { typeConverters } from '../converters/types.js';
import { aggregateEditors } from '../editors/aggregate.js';
import { bucketEditors } from '../editors/buckets.js';
import { mapEditors } from '../editors/maps.js';
import { metricEditors } from '../editors/metrics.js';
import { replaceEditors } from '../editors/replace.js';
import { scaleEditors } from '../editors/scale.js';
import { valueEditors } from '../editors/values.js';
import type { FunctionDefinition } from './function-definition.js';

/** Every function that statements may call. docs/processors.md lists them. */
export const FUNCTIONS: Functions = {
  editors: byName([...valueEditors, ...mapEditors, ...replaceEditors, ...metricEditors, ...scaleEditors, ...aggregateEditors, ...bucketEditors]),
  converters: byName([...typeConverters, ...textConverters, ...timeConverters, ...hashConverters, ...parseConverters, ...collectionConverters, ...addressConverters, ...severityConverters, ...grokConverters]),
};

function byName(definitions: readonly FunctionDefinition[]): ReadonlyMap<string, FunctionDefinition> {
  return new Map(definitions.map((definition) => [definition.name, definition]));
}
