import type { Entry, Fields, Value } from '../entry.js';

/** A place in an entry: `body`, `body.user.id`, `attributes["http.route"]`, `resource["k8s.pod.name"]`. */
export interface Field {
  readonly root: 'body' | 'attributes' | 'resource';
  readonly keys: readonly string[];
}

const KEY = /^(?:\.([^.[\]]+)|\[\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*\])/;

/** Null when the text is no field. */
export function parseField(text: string): Field | null {
  const root = /^(body|attributes|resource)(?=$|[.[])/.exec(text)?.[1];
  if (root !== 'body' && root !== 'attributes' && root !== 'resource') return null;
  const keys: string[] = [];
  for (let rest = text.slice(root.length); rest !== '';) {
    const match = KEY.exec(rest);
    if (!match) return null;
    keys.push(match[1] ?? match[3] ?? match[2]!.replace(/\\(.)/g, '$1'));
    rest = rest.slice(match[0].length);
  }
  return { root, keys };
}

/** Undefined where nothing stands. */
export function getField(entry: Entry, field: Field): Value | undefined {
  let at: Value | undefined = field.root === 'body' ? entry.body : field.root === 'attributes' ? entry.attributes : (entry.resource ?? undefined);
  for (const key of field.keys) {
    if (!(at instanceof Map)) return undefined;
    at = at.get(key);
  }
  return at;
}

/** Sets a value; what stands in its way is replaced by maps. A map set as all attributes is added to them. */
export function setField(entry: Entry, field: Field, value: Value): void {
  if (field.keys.length === 0) {
    if (field.root === 'body') entry.body = value;
    else if (value instanceof Map) for (const [key, each] of value) rootOf(entry, field.root).set(key, each);
    return;
  }
  let at: Fields;
  if (field.root !== 'body') at = rootOf(entry, field.root);
  else entry.body = at = entry.body instanceof Map ? entry.body : new Map<string, Value>();
  for (const key of field.keys.slice(0, -1)) {
    const inner: Value | undefined = at.get(key);
    const next: Fields = inner instanceof Map ? inner : new Map<string, Value>();
    if (next !== inner) at.set(key, next);
    at = next;
  }
  at.set(field.keys.at(-1)!, value);
}

/** Takes the value out; undefined where nothing stood. */
export function takeField(entry: Entry, field: Field): Value | undefined {
  const value = getField(entry, field);
  if (value === undefined) return undefined;
  if (field.keys.length === 0) {
    if (field.root === 'body') entry.body = null;
    else if (field.root === 'attributes') entry.attributes = new Map();
    else entry.resource = null;
    return value;
  }
  const parent = getField(entry, { root: field.root, keys: field.keys.slice(0, -1) });
  if (parent instanceof Map) parent.delete(field.keys.at(-1)!);
  return value;
}

function rootOf(entry: Entry, root: 'attributes' | 'resource'): Fields {
  if (root === 'attributes') return entry.attributes;
  return (entry.resource ??= new Map());
}
