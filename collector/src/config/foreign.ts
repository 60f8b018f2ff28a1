import { z } from 'zod';
import type { ConfigPlace } from './place.js';
import { unwrap } from './schema-walk.js';

type Foreign = z.ZodOptional<z.ZodUnknown>;

/** A setting of another program's configuration that has no effect here: accepted with a warning that says why. */
export function withoutEffect(why: string): Foreign {
  return z.unknown().optional().meta({ withoutEffect: why });
}

/** One that cannot be had here, so that leaving it out silently would change what people asked for: refused, with what to do instead. */
export function refused(remedy: string): Foreign {
  return z.unknown().optional().meta({ refused: remedy });
}

/** Several of the same kind. */
export function allRefused(names: readonly string[], remedy: string): Readonly<Record<never, Foreign>> {
  return Object.fromEntries(names.map((name) => [name, refused(remedy)]));
}

/** Whether a setting is in a schema only to be told about: refused, or without effect. */
export function isForeign(schema: z.core.$ZodType): boolean {
  return noted(schema, 'refused') !== null || noted(schema, 'withoutEffect') !== null;
}

/** A setting of another program, found in a section. */
export interface ForeignSetting {
  readonly place: ConfigPlace;
  /** What becomes of it, for people. */
  readonly text: string;
  readonly refused: boolean;
}

/** Those that a section has. */
export function foreignSettings(schema: z.core.$ZodType, value: unknown, place: ConfigPlace): readonly ForeignSetting[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => foreignSettings(option, value, place));
  if (inner instanceof z.ZodArray) return Array.isArray(value) ? value.flatMap((item, i) => foreignSettings(inner.element, item, place.child(i))) : [];
  if (inner instanceof z.ZodRecord) return Object.entries(value).flatMap(([key, item]) => foreignSettings(inner.valueType, item, place.child(key)));
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const setting: z.core.$ZodType | undefined = Object.hasOwn(inner.shape, key) ? inner.shape[key] : undefined;
    if (setting === undefined || item === undefined || item === null) return [];
    const at = place.child(key);
    const why = noted(setting, 'withoutEffect');
    if (why !== null) return [{ place: at, text: `has no effect: ${why} Take it out.`, refused: false }];
    const remedy = noted(setting, 'refused');
    if (remedy !== null) return [{ place: at, text: `'${key}' is not available here: ${remedy}`, refused: true }];
    return foreignSettings(setting, item, at);
  });
}

function noted(schema: z.core.$ZodType, key: 'withoutEffect' | 'refused'): string | null {
  const note = z.globalRegistry.get(schema)?.[key];
  return typeof note === 'string' ? note : null;
}
