import type { Series } from '../../../readers.js';
import type { RangeSeries } from '../values/values.js';

/** A series as it was read. Readers may make its arrays anew each time that they are asked for: who needs them asks once. */
export class ReadSeries implements RangeSeries {
  /** `count`: of its samples. */
  constructor(readonly series: Series, readonly count: number) {}

  get labels(): Series['labels'] {
    return this.series.labels;
  }

  get dropName(): boolean {
    return false;
  }

  get timesMs(): Float64Array {
    return this.series.timesMs;
  }

  get values(): Float64Array {
    return this.series.values;
  }

  get histograms(): Series['histograms'] {
    return this.series.histograms;
  }
}
