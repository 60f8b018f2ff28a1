import type { Labels } from '@signalbox/signals/prometheus/types';
import type { ScrapeConfig } from '../config.js';
import { familyOf, prometheusType, type Family } from '../reading/exposition.js';
import type { LabelMap, Relabeling } from '../targets/relabel.js';
import type { SeriesMetadata } from './series-block.js';
import { canonicalLabels, type SeriesText } from '../reading/series-text.js';

/** A scrape breaks a limit or holds a series that is none: the whole scrape fails. */
export class ScrapeRefused extends Error {}

/** A series as it is kept. */
export interface ResolvedSeries {
  /** Sorted by name. */
  readonly labels: Labels;
  readonly metadata: SeriesMetadata;
}

/** What the text of a series means for one target: its labels, the target's, relabelling, limits. */
export class SeriesLabels {
  readonly #config: ScrapeConfig;
  readonly #target: Labels;
  readonly #relabeling: Relabeling;
  readonly #external: LabelMap;

  constructor(config: ScrapeConfig, target: Labels, relabeling: Relabeling, external: Labels) {
    this.#config = config;
    this.#target = target;
    this.#relabeling = relabeling;
    this.#external = new Map(external);
  }

  /**
   * Null where relabelling drops it.
   * @throws ScrapeRefused
   */
  resolve(series: SeriesText, family: Family | null, families: ReadonlyMap<string, Family>): ResolvedSeries | null {
    const text = canonicalLabels(series, family?.type ?? '');
    const labels = this.#labelsOf(text);
    const relabelled = this.#relabeling.isEmpty ? labels : this.#relabeling.apply(labels);
    if (relabelled === null) return null;
    if (!relabelled.get('__name__')) throw new ScrapeRefused('a series without a name after relabelling');
    this.#checkLimits(relabelled);
    for (const [name, value] of this.#external) if (!relabelled.has(name)) relabelled.set(name, value);
    const said = familyOf(text.name, families);
    return { labels: [...relabelled].sort(byName), metadata: said === null ? null : { type: prometheusType(said.type), help: said.help, unit: said.unit } };
  }

  /** A series about the scrape itself, such as `up`. */
  report(name: string): ResolvedSeries {
    const labels = [...this.#target, ['__name__', name] as const];
    for (const [label, text] of this.#external) if (!labels.some(([taken]) => taken === label)) labels.push([label, text]);
    return { labels: labels.sort(byName), metadata: null };
  }

  /** The target's labels win, and those written move to `exported_…`; with honor_labels the other way round. */
  #labelsOf({ name, labels }: SeriesText): Map<string, string> {
    const map = new Map<string, string>([['__name__', name]]);
    for (const [label, value] of labels) {
      if (map.has(label)) throw new ScrapeRefused(`label name "${label}" is not unique: invalid sample`);
      map.set(label, value);
    }
    const conflicts: (readonly [string, string])[] = [];
    for (const [label, value] of this.#target) {
      const written = map.get(label);
      if (written === undefined) map.set(label, value);
      else if (!this.#config.honor_labels) {
        conflicts.push([label, written]);
        map.set(label, value);
      }
    }
    for (const [label, value] of conflicts) {
      if (value === '') continue;
      let exported = `exported_${label}`;
      while (map.has(exported)) exported = `exported_${exported}`;
      map.set(exported, value);
    }
    for (const [label, value] of map) if (value === '') map.delete(label);
    return map;
  }

  #checkLimits(labels: LabelMap): void {
    const { label_limit: count, label_name_length_limit: nameLength, label_value_length_limit: valueLength } = this.#config;
    if (count > 0 && labels.size > count) throw new ScrapeRefused(`label_limit exceeded (metric: ${labels.get('__name__')?.slice(0, 50)}, number of labels: ${labels.size}, limit: ${count})`);
    for (const [name, value] of labels) {
      if (nameLength > 0 && name.length > nameLength) throw new ScrapeRefused(`label_name_length_limit exceeded (label name: ${name.slice(0, 50)}, length: ${name.length}, limit: ${nameLength})`);
      if (valueLength > 0 && value.length > valueLength) throw new ScrapeRefused(`label_value_length_limit exceeded (label name: ${name.slice(0, 50)}, value length: ${value.length}, limit: ${valueLength})`);
    }
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
