import { hash } from 'node:crypto';
import type { Labels } from '@signalbox/signals/prometheus/types';

/** One text per label set. */
export function labelsText(labels: Labels): string {
  return JSON.stringify(labels);
}

/** The same series has the same id in the head and in every block: the first 64 bits of a SHA-256 over its labels. */
export function seriesId(labels: Labels): { readonly low: number; readonly high: number } {
  const digest = hash('sha256', labelsText(labels), 'buffer');
  return { low: digest.readUInt32LE(0), high: digest.readUInt32LE(4) };
}

/** Order of label sets: by name, then value, label by label; a set that begins another comes first. */
export function compareLabels(a: Labels, b: Labels): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] === b[i]) continue;
    const [nameA, valueA] = a[i];
    const [nameB, valueB] = b[i];
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    if (valueA !== valueB) return valueA < valueB ? -1 : 1;
  }
  return a.length - b.length;
}
