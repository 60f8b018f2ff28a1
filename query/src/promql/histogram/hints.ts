import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../../readers.js';
import { NO_BUCKETS } from './buckets.js';
import { wentDown } from './compare.js';

/**
 * A series whose histograms say whether the counter was reset before them, as they do when Prometheus' storage hands them
 * out, whatever a client wrote: `no` where nothing went down, else `unknown`, `gauge` where it is one. With `tellResets`
 * resets are told and buckets left out, as Prometheus does where only counts and sums are looked at. It is found out once here, so that
 * windows that overlap need not.
 */
export function withHints(series: Series, tellResets: boolean): Series {
  const { histograms } = series;
  if (histograms === null) return series;
  let previous: NativeHistogram | null = null;
  const told = histograms.map((histogram) => {
    const found = histogram === null ? null : withHint(histogram, previous, tellResets);
    // Where resets are told, a stale marker or a float in between does not hide one.
    if (histogram !== null || !tellResets) previous = histogram;
    return found === null || !tellResets ? found : withoutBuckets(found);
  });
  return seriesOf(series, told);
}

/** A histogram of which count and sum alone are left, and the hint. */
function withoutBuckets({ schema, count, sum, counterReset }: NativeHistogram): NativeHistogram {
  return { schema, zeroThreshold: 0, zeroCount: 0, count, sum, positive: NO_BUCKETS, negative: NO_BUCKETS, customBounds: null, counterReset };
}

function withHint(histogram: NativeHistogram, previous: NativeHistogram | null, tellResets: boolean): NativeHistogram {
  const { counterReset } = histogram;
  if (counterReset === 'gauge') return histogram;
  const known = previous !== null && previous.counterReset !== 'gauge';
  const reset = known && (counterReset === 'reset' || wentDown(histogram, previous));
  const hint = reset ? (tellResets ? 'reset' : 'unknown') : known ? 'no' : 'unknown';
  return hint === counterReset ? histogram : hinted(histogram, hint);
}

/** The same histogram with a hint. Written out, so that it has the shape that V8 knows of all others. */
export function hinted({ schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds }: NativeHistogram, counterReset: NativeHistogram['counterReset']): NativeHistogram {
  return { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds, counterReset };
}

/** The same series with other histograms; of one shape, whatever its reader made. */
export function seriesOf({ labels, timesMs, values }: Series, histograms: Series['histograms']): Series {
  return { labels, timesMs, values, histograms };
}
