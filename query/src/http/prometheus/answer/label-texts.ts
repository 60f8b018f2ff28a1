import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';

/** Label sets as a JSON array of objects, the names of each in the order that they stand in. */
export async function labelSetsText(sets: readonly Labels[], turns: Turns): Promise<string> {
  // Readers give many series the same label.
  const texts = new Map<Labels[number], string>();
  let text = '[';
  for (const labels of sets) {
    let separator = text.length === 1 ? '{' : ',{';
    if (labels.length === 0) text += separator;
    for (const label of labels) {
      let pair = texts.get(label);
      if (pair === undefined) texts.set(label, (pair = `${JSON.stringify(label[0])}:${JSON.stringify(label[1])}`));
      text += separator + pair;
      separator = ',';
    }
    text += '}';
    if (turns.due()) await turns.turn();
  }
  return `${text}]`;
}
