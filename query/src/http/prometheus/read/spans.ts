/** Buckets that follow each other: the gap to the span before (or the first index), and how many. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export function spansOf(offsets: Int32Array): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of offsets) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}
