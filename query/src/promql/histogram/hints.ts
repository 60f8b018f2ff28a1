import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../../readers.js';
import { wentDown } from './compare.js';

/**
 * A series whose histograms say whether the counter was reset before them, as they do when Prometheus' storage hands them
 * out, whatever a client wrote: `no` where nothing went down, else `unknown`, `gauge` where it is one. With `tellResets`
 * resets are told, as Prometheus does where only counts and sums are looked at. It is found out once here, so that
 * windows that overlap need not.
 */
export function withHints(series: Series, tellResets: boolean): Series {
  const { histograms } = series;
  if (histograms === null) return series;
  let previous: NativeHistogram | null = null;
  const hinted = histograms.map((histogram) => {
    const found = histogram === null ? null : withHint(histogram, previous, tellResets);
    // Where resets are told, a stale marker or a float in between does not hide one.
    if (histogram !== null || !tellResets) previous = histogram;
    return found;
  });
  return { ...series, histograms: hinted };
}

function withHint(histogram: NativeHistogram, previous: NativeHistogram | null, tellResets: boolean): NativeHistogram {
  const { counterReset } = histogram;
  if (counterReset === 'gauge') return histogram;
  const known = previous !== null && previous.counterReset !== 'gauge';
  const reset = known && (counterReset === 'reset' || wentDown(histogram, previous));
  const hint = reset ? (tellResets ? 'reset' : 'unknown') : known ? 'no' : 'unknown';
  return hint === counterReset ? histogram : { ...histogram, counterReset: hint };
}
