import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../../readers.js';
import { wasReset } from './compare.js';

/**
 * A series whose histograms say whether the counter was reset before them, as Prometheus' storage has them say: what a
 * client wrote is believed for `reset` and `gauge` alone, the first histogram after none or after a float is `unknown`.
 * It is found out once here, so that windows that overlap need not.
 */
export function withHints(series: Series): Series {
  const { histograms } = series;
  if (histograms === null) return series;
  let previous: NativeHistogram | null = null;
  const hinted = histograms.map((histogram) => {
    const found = histogram === null ? null : withHint(histogram, previous);
    previous = histogram;
    return found;
  });
  return { ...series, histograms: hinted };
}

function withHint(histogram: NativeHistogram, previous: NativeHistogram | null): NativeHistogram {
  const { counterReset } = histogram;
  if (counterReset === 'gauge' || counterReset === 'reset') return histogram;
  const hint = previous === null || previous.counterReset === 'gauge' ? 'unknown' : wasReset({ ...histogram, counterReset: 'unknown' }, previous) ? 'reset' : 'no';
  return hint === counterReset ? histogram : { ...histogram, counterReset: hint };
}
