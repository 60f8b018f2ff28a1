import type { FoundTrace } from '../api/search.js';
import { formatDuration } from '../time/duration.js';

/** The service that the trace begins in, or the one with most spans while the root has not arrived. */
export function firstService({ rootService, services }: FoundTrace): string {
  return rootService === '' ? services[0]?.name ?? '' : rootService;
}

/** What the trace is about, for people. */
export function operationOf({ rootService, rootName }: FoundTrace): string {
  return rootService === '' ? 'root not received yet' : rootName === '' ? '(no name)' : rootName;
}

/** The search's answer has whole milliseconds only. */
export function durationText(ns: number): string {
  return ns === 0 ? '< 1 ms' : formatDuration(ns);
}
