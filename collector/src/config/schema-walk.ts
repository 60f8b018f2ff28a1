import { z } from 'zod';

/** The schema inside optional, default, nullable, readonly and pipes. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodNonOptional || inner instanceof z.ZodReadonly || inner instanceof z.ZodCatch) {
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodPipe) {
      // preprocess() is a transform piped into the schema; a transform at the end is piped out of it.
      inner = inner.in instanceof z.ZodTransform ? inner.out : inner.in;
    } else {
      return inner;
    }
  }
}

/** The schemas that may stand at a path: several below a union, none where the path leaves the schema. */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => schemasAt(option, path));
  if (path.length === 0) return [inner];
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    const child: z.core.$ZodType | undefined = inner.shape[String(key)];
    return child ? schemasAt(child, rest) : [];
  }
  if (inner instanceof z.ZodRecord) return schemasAt(inner.valueType, rest);
  if (inner instanceof z.ZodArray) return schemasAt(inner.element, rest);
  return [];
}

/** The keys that an object at this path may have. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[], wanted: (setting: z.core.$ZodType) => boolean = () => true): readonly string[] {
  const shapes = schemasAt(schema, path).flatMap((found) => (found instanceof z.ZodObject ? Object.entries<z.core.$ZodType>(found.shape) : []));
  return shapes.filter(([, setting]) => wanted(setting)).map(([key]) => key);
}

export interface SchemaLeaf {
  readonly path: readonly string[];
  /** As the parent has it, with its default. */
  readonly schema: z.core.$ZodType;
}

/** All settings below a schema of objects, in the order they are written down. */
export function schemaLeaves(schema: z.core.$ZodType, path: readonly string[] = []): readonly SchemaLeaf[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path, schema }];
  return Object.entries(inner.shape).flatMap(([key, child]) => schemaLeaves(child, [...path, key]));
}
