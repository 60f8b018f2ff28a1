import type { ThresholdStep } from '../model.js';

/** Grafana's names of colours as those of the page. Any other CSS colour is taken as it is. */
const named: Readonly<Record<string, string>> = {
  green: 'var(--ok)', red: 'var(--error)', orange: 'var(--warn)', yellow: 'var(--warn)', blue: 'var(--s1)', purple: 'var(--s3)', text: 'var(--text)', transparent: 'var(--text)',
};

/** The colour of a value: that of the highest step it has reached. */
export function thresholdColour(value: number, steps: readonly ThresholdStep[]): string {
  let reached: ThresholdStep | undefined;
  for (const step of steps) if (value >= step.from && (reached === undefined || step.from >= reached.from)) reached = step;
  return reached === undefined ? 'var(--text)' : cssColour(reached.colour);
}

function cssColour(colour: string): string {
  const base = colour.replace(/^(?:dark|semi-dark|light|super-light)-/, '');
  return named[base] ?? (/^(?:#[0-9a-fA-F]{3,8}|[a-z]+|(?:rgb|hsl)a?\([\d.,%\s/]+\))$/.test(colour) ? colour : 'var(--text)');
}
