/** A number from `min` up to `max`. */
export function between([min, max]: readonly [number, number]): number {
  return min + Math.random() * (max - min);
}

/** True in `share` of the calls, 0 to 1. */
export function happens(share: number): boolean {
  return Math.random() < share;
}

export function oneOf<T extends readonly [unknown, ...unknown[]]>(choices: T): T[number] {
  return choices[Math.floor(Math.random() * choices.length)];
}
