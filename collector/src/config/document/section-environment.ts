import { z } from 'zod';
import { scalarFromText, type Environment } from './environment.js';
import { mistakeAt, type ConfigMistake } from '../error.js';
import { nearestName } from '../nearest.js';
import { detachedPlace } from '../place.js';
import { schemaLeaves, unwrap, type SchemaLeaf } from '../schema-walk.js';

const ENVIRONMENT_PREFIX = 'SIGNALBOX_';

export interface EnvironmentSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly text: string;
  readonly value: unknown;
}

/**
 * Settings that environment variables give, named like their path: SIGNALBOX_STORE_RETENTION_AGE is store.retention.age. A list is
 * written with commas. Of the variables that begin with a section's name, those that name no setting are mistakes; others are not
 * ours to judge.
 */
export function settingsFromEnvironment(
  env: Environment,
  sections: Readonly<Record<string, z.ZodType>>,
): { readonly settings: readonly EnvironmentSetting[]; readonly mistakes: readonly ConfigMistake[] } {
  const leaves = new Map<string, SchemaLeaf>();
  for (const [name, schema] of Object.entries(sections)) {
    for (const leaf of schemaLeaves(schema, [name])) leaves.set(variableOf(leaf.path), leaf);
  }
  const settings: EnvironmentSetting[] = [];
  const mistakes: ConfigMistake[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(ENVIRONMENT_PREFIX)) continue;
    const leaf = leaves.get(variable);
    if (leaf) {
      settings.push({ variable, path: leaf.path, text, value: valueOf(leaf, text) });
    } else if (Object.keys(sections).some((name) => variable.startsWith(`${variableOf([name])}_`))) {
      const nearest = nearestName(variable, leaves.keys());
      mistakes.push(mistakeAt(detachedPlace(`environment variable ${variable}`), 'SBX_CONFIG_UNKNOWN_KEY', 'names no setting.', { nearest }));
    }
  }
  return { settings, mistakes };
}

/** `SIGNALBOX_STORE_RETENTION_AGE` */
function variableOf(path: readonly string[]): string {
  return ENVIRONMENT_PREFIX + path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()).join('_');
}

function valueOf(leaf: SchemaLeaf, text: string): unknown {
  if (!(unwrap(leaf.schema) instanceof z.ZodArray)) return scalarFromText(text);
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '');
}
