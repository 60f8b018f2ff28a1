import type { Attributes } from '@signalbox/signals/model/attributes';
import { attributesFromJson, attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { Resource } from '@signalbox/signals/model/resource';

/** Text of each dimension, in the table's order; undefined where a span has none. */
export type SeriesPath = readonly (string | undefined)[];

export interface Series<V> {
  readonly attributes: Attributes;
  /** When it began: received with its first span. */
  readonly startNs: bigint;
  /** When its last span was received. */
  seenNs: bigint;
  readonly value: V;
}

interface StoredSeries<V> extends Series<V> {
  readonly path: SeriesPath;
}

/** A level of the tree: a dimension's values, and behind the last one the series. */
type Node<V> = Map<string | undefined, Node<V> | StoredSeries<V>>;

/** The series of one resource. */
export interface SeriesGroup<V> {
  readonly resource: Resource | null;
  readonly root: Node<V>;
  readonly series: Set<StoredSeries<V>>;
  overflow: StoredSeries<V> | null;
  seenNs: bigint;
}

export interface SeriesTableOptions<V> {
  /** Series of one table; 0: no limit. Further ones are summed up in one that says so. */
  readonly limit: number;
  /** Resources; beyond it those not seen for longest are forgotten. */
  readonly maxGroups: number;
  readonly create: () => V;
  readonly save: (value: V) => unknown;
  readonly load: (saved: unknown) => V;
}

/** Only what v8's serialization keeps. */
export interface SavedGroup {
  readonly key: string;
  readonly resource: string | null;
  readonly seenNs: bigint;
  readonly series: readonly SavedSeries[];
  readonly overflow: SavedSeries | null;
}

export interface SavedSeries {
  readonly path: SeriesPath;
  readonly attributes: string;
  readonly startNs: bigint;
  readonly seenNs: bigint;
  readonly value: unknown;
}

/** As the OpenTelemetry SDKs mark what goes beyond a limit. */
const OVERFLOW: Attributes = [{ key: 'otel.metric.overflow', value: true }];
const NO_PATH: SeriesPath = [];

/**
 * Series by resource and dimensions.
 *
 *   group ─▶ service.name ─▶ span.name ─▶ … ─▶ series
 *
 * Each step is a lookup in a Map, by hash and then by equality, so that no key is put together for a span.
 */
export class SeriesTable<V> {
  readonly #options: SeriesTableOptions<V>;
  readonly #groups = new Map<string, SeriesGroup<V>>();
  #size = 0;
  /** Spans that went into overflow series since the last call of takeOverflown(). */
  #overflown = 0;

  constructor(options: SeriesTableOptions<V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  takeOverflown(): number {
    const overflown = this.#overflown;
    this.#overflown = 0;
    return overflown;
  }

  groups(): IterableIterator<SeriesGroup<V>> {
    return this.#groups.values();
  }

  group(key: string, resource: () => Resource | null, seenNs: bigint): SeriesGroup<V> {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      if (seenNs > known.seenNs) known.seenNs = seenNs;
      return known;
    }
    if (this.#groups.size >= this.#options.maxGroups) this.#forgetOldest();
    const group: SeriesGroup<V> = { resource: resource(), root: new Map(), series: new Set(), overflow: null, seenNs };
    this.#groups.set(key, group);
    return group;
  }

  /** The series of a path, made where it is new. `attributes` is asked for a new one alone. `path` may be used again by the caller. */
  series(group: SeriesGroup<V>, path: SeriesPath, attributes: () => Attributes, seenNs: bigint): Series<V> {
    let node = group.root;
    const last = path.length - 1;
    for (let i = 0; i < last; i++) {
      const next = node.get(path[i]) as Node<V> | undefined;
      if (next === undefined) return this.#add(group, path, attributes, seenNs);
      node = next;
    }
    const series = node.get(path[last]) as StoredSeries<V> | undefined;
    if (series === undefined) return this.#add(group, path, attributes, seenNs);
    series.seenNs = seenNs;
    return series;
  }

  /** Forgets series that were not seen since. */
  expire(beforeNs: bigint): void {
    for (const [key, group] of this.#groups) {
      for (const series of group.series) if (series.seenNs < beforeNs) this.#remove(group, series);
      if (group.overflow !== null && group.overflow.seenNs < beforeNs) group.overflow = null;
      if (group.series.size === 0 && group.overflow === null) this.#groups.delete(key);
    }
  }

  clear(): void {
    this.#groups.clear();
    this.#size = 0;
  }

  save(): readonly SavedGroup[] {
    const save = ({ path, attributes, startNs, seenNs, value }: StoredSeries<V>): SavedSeries => ({ path, attributes: attributesToJson(attributes), startNs, seenNs, value: this.#options.save(value) });
    return [...this.#groups].map(([key, { resource, seenNs, series, overflow }]) => ({
      key,
      resource: resource === null ? null : attributesToJson(resource.attributes),
      seenNs,
      series: [...series].map(save),
      overflow: overflow === null ? null : save(overflow),
    }));
  }

  /** Into an empty table. */
  load(saved: readonly SavedGroup[]): void {
    const load = ({ path, attributes, startNs, seenNs, value }: SavedSeries): StoredSeries<V> => ({ path, attributes: attributesFromJson(attributes), startNs, seenNs, value: this.#options.load(value) });
    for (const { key, resource, seenNs, series, overflow } of saved) {
      const group: SeriesGroup<V> = {
        resource: resource === null ? null : { attributes: attributesFromJson(resource), droppedAttributesCount: 0 },
        root: new Map(),
        series: new Set(),
        overflow: overflow === null ? null : load(overflow),
        seenNs,
      };
      this.#groups.set(key, group);
      for (const each of series) this.#insert(group, load(each));
    }
  }

  #add(group: SeriesGroup<V>, path: SeriesPath, attributes: () => Attributes, seenNs: bigint): Series<V> {
    const { limit, create } = this.#options;
    if (limit > 0 && this.#size >= limit) {
      this.#overflown++;
      group.overflow ??= { path: NO_PATH, attributes: OVERFLOW, startNs: seenNs, seenNs, value: create() };
      group.overflow.seenNs = seenNs;
      return group.overflow;
    }
    const series: StoredSeries<V> = { path: path.slice(), attributes: attributes(), startNs: seenNs, seenNs, value: create() };
    this.#insert(group, series);
    return series;
  }

  #insert(group: SeriesGroup<V>, series: StoredSeries<V>): void {
    const { path } = series;
    let node = group.root;
    for (let i = 0; i < path.length - 1; i++) {
      let next = node.get(path[i]) as Node<V> | undefined;
      if (next === undefined) node.set(path[i], (next = new Map()));
      node = next;
    }
    node.set(path[path.length - 1], series);
    group.series.add(series);
    this.#size++;
  }

  #remove(group: SeriesGroup<V>, series: StoredSeries<V>): void {
    const { path } = series;
    const nodes: Node<V>[] = [group.root];
    for (let i = 0; i < path.length - 1; i++) nodes.push(nodes[i].get(path[i]) as Node<V>);
    for (let i = path.length - 1; i >= 0; i--) {
      nodes[i].delete(path[i]);
      if (nodes[i].size > 0) break;
    }
    group.series.delete(series);
    this.#size--;
  }

  #forgetOldest(): void {
    let oldest: string | null = null;
    let oldestNs = 0n;
    for (const [key, { seenNs }] of this.#groups) {
      if (oldest !== null && seenNs >= oldestNs) continue;
      oldest = key;
      oldestNs = seenNs;
    }
    if (oldest === null) return;
    this.#size -= this.#groups.get(oldest)!.series.size;
    this.#groups.delete(oldest);
  }
}
