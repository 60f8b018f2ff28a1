import type { WriteRequest } from './types.js';

/** Float samples and histograms: the items of a frame. */
export function countSamples(request: WriteRequest): number {
  let items = 0;
  for (const { timesMs, histograms } of request.series) items += timesMs.length + histograms.length;
  return items;
}

export function countHistograms(request: WriteRequest): number {
  let histograms = 0;
  for (const series of request.series) histograms += series.histograms.length;
  return histograms;
}

export function countExemplars(request: WriteRequest): number {
  let exemplars = 0;
  for (const series of request.series) exemplars += series.exemplars.length;
  return exemplars;
}
