import type { Series } from '@signalbox/query/readers';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Page } from './sample-pages.js';

/**
 * A series whose samples are part of a page. Views are made anew each time that one is asked for: of 100,000 series they would be most of
 * what a query leaves to the garbage collector, which copies what lives on.
 */
export class GatheredSeries implements Series {
  constructor(readonly labels: Labels, private readonly page: Page, private readonly from: number, private readonly to: number, readonly histograms: (NativeHistogram | null)[] | null) {}

  get timesMs(): Float64Array {
    return this.page.times.subarray(this.from, this.to);
  }

  get values(): Float64Array {
    return this.page.values.subarray(this.from, this.to);
  }
}
