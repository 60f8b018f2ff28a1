import type { ExemplarSeries, Matcher, MetricMetadata, ReadContext, Series, SeriesReader, SeriesSelect } from '@signalbox/query/readers';
import type { SeriesStatistics } from '@signalbox/signals/prometheus/series-statistics';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turn } from '../../duckdb/turn.js';
import type { StoreLogger } from '../../logger.js';
import type { BlockCache } from '../block/block-cache.js';
import { IdTable } from '../head/id-table.js';
import { liveStatistics } from '../head/live-statistics.js';
import { KnownValues } from './known-values.js';
import { addHeadNames } from './label-names.js';
import { blockValues, headValues } from './label-values.js';
import { matchSeries } from './match-series.js';
import { SamplePages } from './sample-pages.js';
import { Selection } from './select.js';
import { compareLabels, labelsText } from '../head/series-id.js';
import { sortedInTurns } from '../slow-sort.js';
import { eachSource, lastTimeOf, sourcesWithin, type SeriesSource, type SeriesView } from './sources.js';
import { ValueTests, type ValueTest } from './value-test.js';
import { compareTexts, uniteTexts } from './sorted-texts.js';

const PER_LOOK = 256;
/** Values of labels that are kept from query to query. */
const MAX_VALUE_BYTES = 16 << 20;

type Selectors = readonly (readonly Matcher[])[];
type Tests = readonly (readonly ValueTest[])[];

export interface SeriesReaderParts {
  readonly catalog: { acquire(): { readonly view: SeriesView; release(): void } };
  readonly blocks: BlockCache;
  readonly logger: StoreLogger;
}

/** Metrics of the embedded store: blocks and what is in memory, as one. */
export class StoreSeriesReader implements SeriesReader {
  private readonly tests = new ValueTests();
  private readonly pages = new SamplePages();
  private readonly values = new KnownValues(MAX_VALUE_BYTES);

  constructor(private readonly parts: SeriesReaderParts) {}

  select(context: ReadContext, select: SeriesSelect): Promise<readonly Series[]> {
    return this.withView(context, async (view) => {
      const selection = new Selection(context, select, select.matchers.map((matcher) => this.tests.of(matcher)), lastTimeOf(view, context.tenant), this.pages);
      await eachSource(this.parts, context, view, select.startMs, select.endMs, (source) => selection.add(source));
      return selection.finish();
    });
  }

  series(context: ReadContext, selectors: Selectors, startMs: number, endMs: number, limit: number): Promise<readonly Labels[]> {
    return this.withView(context, async (view) => {
      const ids = new IdTable();
      const found: Labels[] = [];
      await this.eachMatching(context, view, selectors, startMs, endMs, ({ index }, series) => {
        if (ids.number(index.idLow(series), index.idHigh(series)) === found.length) found.push(index.labels(series));
        return found.length < limit;
      });
      return limit <= 0 ? [] : sortedInTurns(found, compareLabels, new Turn());
    });
  }

  labelNames(context: ReadContext, selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    return this.withView(context, async (view) => {
      const names = new Set<string>();
      const all = isAll(selectors);
      await eachSource(this.parts, context, view, startMs, endMs, async (source) => {
        const { index } = source;
        const turn = new Turn();
        if (all && source.samples !== null) {
          await addHeadNames(names, source.samples, startMs, endMs, turn, () => give(turn, context));
          return;
        }
        const matching = all ? null : new Set(await this.matching(context, source, this.testsOf(selectors), { startMs, endMs }));
        for (const name of index.names) {
          if (names.has(name)) continue;
          const nameId = index.nameId(name);
          if (matching === null ? await somePair(source, nameId, startMs, endMs, turn) : has(matching, (series) => index.pairOf(series, nameId) >= 0)) names.add(name);
        }
      });
      return [...names].sort();
    });
  }

  labelValues(context: ReadContext, name: string, selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    return this.withView(context, async (view) => {
      if (isAll(selectors)) return this.allValues(context, view, name, startMs, endMs);
      const values = new Set<string>();
      const tests = this.testsOf(selectors);
      await eachSource(this.parts, context, view, startMs, endMs, async (source) => {
        const { index } = source;
        const nameId = index.nameId(name);
        if (nameId < 0) return;
        const turn = new Turn();
        const seen = new Set<number>();
        for (const series of await this.matching(context, source, tests, { startMs, endMs })) {
          const pair = index.pairOf(series, nameId);
          if (pair >= 0) seen.add(pair);
          if (turn.due) await give(turn, context);
        }
        for (const pair of seen) values.add(index.value(pair));
      });
      values.delete('');
      return sortedInTurns([...values], compareTexts, new Turn());
    });
  }

  metadata(context: ReadContext): Promise<readonly MetricMetadata[]> {
    return this.withView(context, async (view) => {
      const byName = new Map<string, MetricMetadata>();
      await eachSource(this.parts, context, view, -Infinity, Infinity, (source) => {
        for (const metadata of source.rest().metadata) byName.set(metadata.name, metadata);
        return Promise.resolve();
      });
      return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    });
  }

  exemplars(context: ReadContext, selectors: Selectors, startMs: number, endMs: number): Promise<readonly ExemplarSeries[]> {
    return this.withView(context, async (view) => {
      const tests = this.testsOf(selectors);
      const found = new Map<string, { readonly labels: Labels; readonly exemplars: Map<string, ExemplarSeries['exemplars'][number]> }>();
      // An exemplar may be older than the samples that it came with.
      await eachSource(this.parts, context, view, -Infinity, Infinity, async (source) => {
        const within = source.rest().exemplars.filter(({ exemplar }) => exemplar.timeMs >= startMs && exemplar.timeMs <= endMs);
        if (within.length === 0) return;
        const matching = new Set(await this.matching(context, source, tests, null));
        for (const { series, exemplar } of within) {
          if (!matching.has(series)) continue;
          const labels = source.index.labels(series);
          const key = labelsText(labels);
          const of = found.get(key) ?? { labels, exemplars: new Map() };
          found.set(key, of);
          of.exemplars.set(`${exemplar.timeMs} ${exemplar.value} ${labelsText(exemplar.labels)}`, exemplar);
        }
      });
      return [...found.values()]
        .map(({ labels, exemplars }) => ({ labels, exemplars: [...exemplars.values()].sort((a, b) => a.timeMs - b.timeMs) }))
        .sort((a, b) => compareLabels(a.labels, b.labels));
    });
  }

  statistics(context: ReadContext, most: number): Promise<SeriesStatistics | null> {
    return this.withView(context, (view) => liveStatistics(context, view, most));
  }

  /** Values of all series. What was found in sources that lie within the times is kept. */
  private async allValues(context: ReadContext, view: SeriesView, name: string, startMs: number, endMs: number): Promise<readonly string[]> {
    const { tenant } = context;
    const turn = new Turn();
    const within = sourcesWithin(view, tenant, startMs, endMs);
    const known = this.values.of(tenant, name, within);
    const looked = new Map(known.sources);
    let { values } = known;
    const add = async ({ id, part, samples, order }: SeriesSource): Promise<void> => {
      const more = (): Promise<void> => give(turn, context);
      const to = samples?.refs.length ?? Infinity;
      // What comes meanwhile, at whatever time, must not be taken for something that was looked at and is not there.
      const [fromMs, untilMs] = within.has(id) ? [-Infinity, Infinity] : [startMs, endMs];
      const found = part !== null ? await blockValues(part.index, name, fromMs, untilMs, turn, more)
        : samples !== null && order !== null ? await headValues(samples, order, name, { from: looked.get(id) ?? 0, to }, fromMs, untilMs, turn, more) : [];
      values = await uniteTexts(values, found, turn);
      if (within.has(id)) looked.set(id, to);
    };
    await eachSource(this.parts, context, view, startMs, endMs, add, (id) => within.has(id) && looked.get(id) !== Infinity);
    this.values.keep(tenant, name, { values, sources: looked });
    await eachSource(this.parts, context, view, startMs, endMs, add, (id) => !within.has(id));
    return values;
  }

  private testsOf(selectors: Selectors): Tests {
    return selectors.map((matchers) => matchers.map((matcher) => this.tests.of(matcher)));
  }

  private async withView<T>(context: ReadContext, work: (view: SeriesView) => Promise<T>): Promise<T> {
    context.signal.throwIfAborted();
    const lease = this.parts.catalog.acquire();
    try {
      return await work(lease.view);
    } finally {
      lease.release();
    }
  }

  /** Series of a source that meet one of the selectors, all where there is none; with samples between the times, if there are any. */
  private async matching(context: ReadContext, source: SeriesSource, tests: Tests, within: { readonly startMs: number; readonly endMs: number } | null): Promise<readonly number[]> {
    const turn = new Turn();
    const seen = new Set<number>();
    const found: number[] = [];
    for (const selector of tests.length === 0 ? [[]] : tests) {
      for (const series of await matchSeries(source.index, selector, turn)) {
        if (turn.due) await give(turn, context);
        if (within !== null && !source.hasWithin(series, within.startMs, within.endMs)) continue;
        if (tests.length > 1) {
          if (seen.has(series)) continue;
          seen.add(series);
        }
        found.push(series);
      }
    }
    return found;
  }

  /** `take` answers whether it wants more. */
  private async eachMatching(context: ReadContext, view: SeriesView, selectors: Selectors, startMs: number, endMs: number, take: (source: SeriesSource, series: number) => boolean): Promise<void> {
    const tests = this.testsOf(selectors);
    let more = true;
    await eachSource(this.parts, context, view, startMs, endMs, async (source) => {
      if (!more) return;
      const turn = new Turn();
      for (const series of await this.matching(context, source, tests, { startMs, endMs })) {
        more = take(source, series);
        if (!more) return;
        if (turn.due) await give(turn, context);
      }
    });
  }
}

function isAll(selectors: Selectors): boolean {
  return selectors.length === 0 || selectors.some((matchers) => matchers.length === 0);
}

async function give(turn: Turn, context: ReadContext): Promise<void> {
  await turn.give();
  context.signal.throwIfAborted();
}

async function somePair(source: SeriesSource, nameId: number, startMs: number, endMs: number, turn: Turn): Promise<boolean> {
  for (const pair of source.index.pairsOf(nameId)) {
    if (await hasSome(source, pair, startMs, endMs, turn)) return true;
    if (turn.due) await turn.give();
  }
  return false;
}

/** Whether a series with the pair has samples between the times. */
async function hasSome(source: SeriesSource, pair: number, startMs: number, endMs: number, turn: Turn): Promise<boolean> {
  const postings = source.index.postings(pair);
  for (let i = 0; i < postings.length; i++) {
    if (source.hasWithin(postings[i], startMs, endMs)) return true;
    if (i % PER_LOOK === PER_LOOK - 1 && turn.due) await turn.give();
  }
  return false;
}

function has<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
