import type { StoredSpan } from '../readers.js';

/** The root of a trace as far as it is stored: the earliest span without a parent; undefined while it has not arrived. */
export function rootOf(spans: readonly StoredSpan[]): StoredSpan | undefined {
  let root: StoredSpan | undefined;
  for (const candidate of spans) {
    if (candidate.span.parentSpanId !== '') continue;
    if (root === undefined || candidate.span.startNs < root.span.startNs) root = candidate;
  }
  return root;
}
