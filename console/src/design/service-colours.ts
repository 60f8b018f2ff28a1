/** Colours of services: `--s0` to `--s13` of `tokens.css`. */
const COUNT = 14;

/** A CSS colour for each name. A name keeps its colour wherever it can; two of one page share none until there are more than 14. */
export function serviceColours(names: Iterable<string>): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    if (taken.size === COUNT) taken.clear();
    let index = hash(name) % COUNT;
    while (taken.has(index)) index = (index + 1) % COUNT;
    taken.add(index);
    colours.set(name, `var(--s${index})`);
  }
  return colours;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
