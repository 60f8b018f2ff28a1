import type { Labels } from '@signalbox/signals/prometheus/types';

/** The value of a label, '' where it is not there. Labels are sorted by name and few, so they are walked. */
export function labelValue(labels: Labels, name: string): string {
  for (const [key, value] of labels) {
    if (key === name) return value;
  }
  return '';
}

/** One text per label set: equal sets have equal texts. */
export function labelsKey(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name}\u0001${value}\u0002`;
  return key;
}

/** Order of label sets, by name, then value, label by label; a set that begins another comes first. */
export function compareLabels(a: Labels, b: Labels): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const labelA = a[i];
    const labelB = b[i];
    // Readers give many series the same label.
    if (labelA === labelB) continue;
    const [nameA, valueA] = labelA ?? ['', ''];
    const [nameB, valueB] = labelB ?? ['', ''];
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    if (valueA !== valueB) return valueA < valueB ? -1 : 1;
  }
  return a.length - b.length;
}

/** Labels from a map: sorted by name, without empty values. */
export function labelsOf(values: Iterable<readonly [string, string]>): Labels {
  return [...values].filter(([, value]) => value !== '').map(([name, value]) => [name, value] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
