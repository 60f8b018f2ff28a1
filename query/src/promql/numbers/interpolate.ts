/** The value at `atMs` on the line between two samples; a counter that was reset between them begins at zero. */
export function interpolated(leftMs: number, left: number, rightMs: number, right: number, atMs: number, counter: boolean): number {
  const from = counter && right < left ? 0 : left;
  return from + ((right - from) * (atMs - leftMs)) / (rightMs - leftMs);
}
