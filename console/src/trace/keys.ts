import type { TraceModel } from './model.js';

export type Step =
  | { readonly kind: 'select'; readonly index: number }
  | { readonly kind: 'fold' | 'unfold'; readonly index: number };

/**
 * What a key does in the waterfall, as in the tree view of WAI-ARIA's authoring practices; `n` and `p` go to the next and
 * previous failed span. Null where the key does nothing here. `selected` is -1 while nothing is.
 */
export function step(key: string, model: TraceModel, rows: readonly number[], folded: ReadonlySet<number>, selected: number, page: number): Step | null {
  const row = rows.indexOf(selected);
  const to = (at: number): Step | null => {
    const index = rows[Math.min(Math.max(at, 0), rows.length - 1)];
    return index === undefined ? null : { kind: 'select', index };
  };
  const node = model.nodes[selected];
  switch (key) {
    case 'ArrowDown': return to(row + 1);
    case 'ArrowUp': return row < 0 ? to(rows.length - 1) : to(row - 1);
    case 'PageDown': return to(row + page);
    case 'PageUp': return to(row - page);
    case 'Home': return to(0);
    case 'End': return to(rows.length - 1);
    case 'ArrowRight':
      if (node === undefined || node.below === 0) return null;
      return folded.has(selected) ? { kind: 'unfold', index: selected } : { kind: 'select', index: selected + 1 };
    case 'ArrowLeft':
      if (node === undefined) return null;
      if (node.below > 0 && !folded.has(selected)) return { kind: 'fold', index: selected };
      return node.parent < 0 ? null : { kind: 'select', index: node.parent };
    case 'n': return failed(model, selected, 1);
    case 'p': return failed(model, selected, -1);
    default: return null;
  }
}

function failed(model: TraceModel, selected: number, direction: 1 | -1): Step | null {
  const index = direction === 1
    ? model.failed.find((one) => one > selected) ?? model.failed[0]
    : model.failed.findLast((one) => one < selected) ?? model.failed.at(-1);
  return index === undefined ? null : { kind: 'select', index };
}
