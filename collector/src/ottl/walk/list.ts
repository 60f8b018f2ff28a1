/** The same list where nothing changes; null takes an item out. */
export function mapList<T>(list: readonly T[], change: (item: T, index: number) => T | null): readonly T[] {
  let changed: T[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    const made = change(item, i);
    if (changed) {
      if (made !== null) changed.push(made);
    } else if (made !== item) {
      changed = list.slice(0, i);
      if (made !== null) changed.push(made);
    }
  }
  return changed ?? list;
}
