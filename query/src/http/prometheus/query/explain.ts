import { labelValue } from '../../../labels/labels.js';
import { matcherText } from '../../../labels/matcher.js';
import type { ReadContext, Series, SeriesReader, SeriesSelect } from '../../../readers.js';

/** What one selector of a query read. */
export interface SelectorRead {
  readonly matchers: readonly string[];
  /** Seconds, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly series: number;
  readonly samples: number;
  readonly histogramSamples: number;
  readonly metrics: readonly string[];
  readonly milliseconds: number;
}

const SHOWN_METRICS = 20;

/** A reader that notes what was asked of another: what was pushed down, and what came of it. */
export class ExplainingReader implements SeriesReader {
  readonly reads: SelectorRead[] = [];
  readonly series: SeriesReader['series'];
  readonly labelNames: SeriesReader['labelNames'];
  readonly labelValues: SeriesReader['labelValues'];
  readonly metadata: SeriesReader['metadata'];
  readonly exemplars: SeriesReader['exemplars'];

  constructor(readonly reader: SeriesReader) {
    this.series = reader.series.bind(reader);
    this.labelNames = reader.labelNames.bind(reader);
    this.labelValues = reader.labelValues.bind(reader);
    this.metadata = reader.metadata.bind(reader);
    this.exemplars = reader.exemplars.bind(reader);
  }

  async select(context: ReadContext, select: SeriesSelect): Promise<readonly Series[]> {
    const started = performance.now();
    const found = await this.reader.select(context, select);
    const names = new Set(found.map(({ labels }) => labelValue(labels, '__name__')));
    this.reads.push({
      matchers: select.matchers.map(matcherText), start: select.startMs / 1000, end: select.endMs / 1000, series: found.length,
      samples: found.reduce((sum, { timesMs }) => sum + timesMs.length, 0),
      histogramSamples: found.reduce((sum, { histograms }) => sum + (histograms?.filter((histogram) => histogram !== null).length ?? 0), 0),
      metrics: [...names].sort().slice(0, SHOWN_METRICS), milliseconds: Math.round((performance.now() - started) * 1000) / 1000,
    });
    return found;
  }
}
