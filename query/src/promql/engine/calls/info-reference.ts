import type { At, Duration, Expr } from '../../ast.js';

export interface Reference {
  readonly at: At | null;
  readonly offsetMs: number;
}

/** The step's own time. */
export const NOW: Reference = { at: null, offsetMs: 0 };

/**
 * The time at which info series are looked up: that of the selectors in info()'s first argument; null, the step's own, where they do
 * not all agree in their offset and `@`.
 */
export function infoReference(expr: Expr, offsetOf: (offset: Duration) => number, ends: { readonly startMs: number; readonly endMs: number }): Reference | null {
  const found: Reference[] = [];
  let uniform = true;
  const shifted = (inner: Reference, at: At | null, offset: Duration): Reference => (inner.at === null ? { at, offsetMs: inner.offsetMs + offsetOf(offset) } : inner);

  /** Whether there is a selector in the expression. */
  const inspect = (node: Expr, outer: (inner: Reference) => Reference): boolean => {
    switch (node.kind) {
      case 'number':
      case 'string': return true;
      case 'selector':
        found.push(outer(shifted(NOW, node.at, node.offsetMs)));
        return true;
      case 'matrix': return inspect(node.selector, outer);
      case 'subquery': return inspect(node.inner, (inner) => outer(shifted(inner, node.at, node.offsetMs)));
      case 'paren':
      case 'unary': return inspect(node.inner, outer);
      case 'aggregate': return inspect(node.inner, outer);
      case 'binary': {
        const left = inspect(node.left, outer);
        return inspect(node.right, outer) && left;
      }
      case 'call': {
        const args = (node.name === 'info' ? node.args.slice(0, 1) : node.args).filter(({ kind }) => kind !== 'number' && kind !== 'string');
        if (args.length === 0) {
          // A vector without a selector has the step's time.
          uniform = false;
          return false;
        }
        return args.map((arg) => inspect(arg, outer)).every(Boolean);
      }
    }
  };
  inspect(expr, (inner) => inner);
  const [first = NOW] = found;
  const same = found.every((other) => sameTime(first, other, ends));
  return uniform && same ? first : null;
}

function sameTime(a: Reference, b: Reference, ends: { readonly startMs: number; readonly endMs: number }): boolean {
  if (a.at === null || b.at === null) return a.at === null && b.at === null && a.offsetMs === b.offsetMs;
  const time = (at: At) => (at.kind === 'time' ? at.timeMs : at.kind === 'start' ? ends.startMs : ends.endMs);
  return time(a.at) - a.offsetMs === time(b.at) - b.offsetMs;
}
