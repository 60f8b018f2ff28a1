/** Where a mark would stand, in pixels from the left and the top. */
export interface Place {
  readonly left: number;
  readonly top: number;
}

/** The least width of a column, and how far apart marks stand, so that each can be seen and pressed. */
const COLUMN = 26;
const APART = 11;
const MOST_IN_COLUMN = 4;
/** More would hide the lines, however wide the chart is. */
const MOST = 72;

/** Of thousands, those that tell most: from each stretch of time the highest, and some below it that do not hide each other. */
export function chooseMarks<T extends Place>(places: readonly T[], width: number): readonly T[] {
  const columnWidth = Math.max(COLUMN, (width * MOST_IN_COLUMN) / MOST);
  const columns = new Map<number, T[]>();
  for (const place of [...places].sort((a, b) => a.top - b.top)) {
    const column = Math.floor(place.left / columnWidth);
    const taken = columns.get(column) ?? [];
    const beside = [...taken, ...(columns.get(column - 1) ?? []), ...(columns.get(column + 1) ?? [])];
    if (taken.length >= MOST_IN_COLUMN || beside.some(({ left, top }) => Math.abs(left - place.left) < APART && Math.abs(top - place.top) < APART)) continue;
    columns.set(column, [...taken, place]);
  }
  return [...columns.values()].flat();
}
