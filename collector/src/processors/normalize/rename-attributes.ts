import type { AnyValue, Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import { ATTRIBUTE_RENAMES, renamedValue, type AttributeRename } from './renames.js';
import { parseVersion } from './schema-version.js';

type Side = 'client' | 'server';

interface Rename {
  readonly order: number;
  readonly to: string;
  readonly since: number;
  readonly values: AttributeRename['values'];
}

/** Gives attributes the names of today. What has its new name already keeps the value that it has there. */
export class AttributeNames {
  readonly #renames: Readonly<Record<Side, ReadonlyMap<string, Rename>>>;

  constructor(readonly keepOriginal: boolean) {
    const of = (side: Side): ReadonlyMap<string, Rename> =>
      new Map(ATTRIBUTE_RENAMES.map(({ from, to, since, values }, order) => [from, { order, to: typeof to === 'string' ? to : to[side], since: parseVersion(since), values }]));
    this.#renames = { client: of('client'), server: of('server') };
  }

  /** @param version that the sender's schema has; names that are older than its own are none of its. Null where it names no schema. */
  rename(attributes: Attributes, side: Side, version: number | null): Attributes {
    const table = this.#renames[side];
    for (let i = 0; i < attributes.length; i++) {
      const { key } = attributes[i];
      if (table.has(key) || key === 'http.target' || key === 'http.host') return this.#renamed(attributes, table, version);
    }
    return attributes;
  }

  #renamed(attributes: Attributes, table: ReadonlyMap<string, Rename>, version: number | null): Attributes {
    const applies = (since: number): boolean => version === null || version < since;
    const present = new Set(attributes.map(({ key }) => key));
    const made = new Map<string, { readonly order: number; readonly value: AnyValue }>();
    const offer = (key: string, order: number, value: AnyValue): void => {
      const held = made.get(key);
      if (!present.has(key) && (!held || order < held.order)) made.set(key, { order, value });
    };
    const gone = new Set<string>();
    for (const { key, value } of attributes) {
      const rename = table.get(key);
      if (rename && applies(rename.since)) {
        offer(rename.to, rename.order, renamedValue(value, rename.values));
        gone.add(key);
      } else if (key === 'http.target' && typeof value === 'string' && applies(HTTP_SINCE)) {
        const [path, query] = splitTarget(value);
        if (path !== '') offer('url.path', 0, path);
        if (query !== '') offer('url.query', 0, query);
        gone.add(key);
      } else if (key === 'http.host' && typeof value === 'string' && applies(HTTP_SINCE)) {
        const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(value) ?? [];
        if (!host) continue;
        // Behind names that say it on their own.
        offer('server.address', ATTRIBUTE_RENAMES.length, host);
        if (port !== undefined) offer('server.port', ATTRIBUTE_RENAMES.length, BigInt(port));
        gone.add(key);
      }
    }
    if (gone.size === 0) return attributes;
    const left: KeyValue[] = this.keepOriginal ? attributes.slice() : attributes.filter(({ key }) => !gone.has(key));
    for (const [key, { value }] of made) left.push({ key, value });
    return left;
  }
}

const HTTP_SINCE = parseVersion('1.21.0');

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}
