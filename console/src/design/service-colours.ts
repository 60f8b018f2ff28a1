/**
 * Colours of services, of `--s0` to `--s13` in `tokens.css`: those that are told apart most easily come first, and the others are
 * taken where these do not suffice.
 */
const DISTINCT = [0, 1, 2, 3, 4, 5, 7] as const;
const FURTHER = [9, 12, 11, 6, 10, 13, 8] as const;

/** A CSS colour for each name. A name keeps its colour wherever it can; two of one page share none until there are more than 14. */
export function serviceColours(names: Iterable<string>): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    if (taken.size === DISTINCT.length + FURTHER.length) taken.clear();
    const choice = taken.size < DISTINCT.length ? DISTINCT : FURTHER;
    let index = hash(name) % choice.length;
    while (taken.has(choice[index] ?? 0)) index = (index + 1) % choice.length;
    taken.add(choice[index] ?? 0);
    colours.set(name, `var(--s${choice[index] ?? 0})`);
  }
  return colours;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
