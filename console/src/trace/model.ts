import type { TraceSpan } from '../api/trace.js';

/** One span in its place in the tree. */
export interface TraceNode {
  readonly span: TraceSpan;
  /** In depth-first order; children follow their parent. */
  readonly index: number;
  readonly depth: number;
  /** -1 for a root. */
  readonly parent: number;
  /** Spans below this one, at any depth: they are the next in order. */
  readonly below: number;
  readonly failedBelow: number;
  /** Its parent is not in the trace as it is stored. */
  readonly orphan: boolean;
  /** After the start of the trace. */
  readonly offsetNs: number;
  readonly durationNs: number;
}

export interface TraceModel {
  readonly traceId: string;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly nodes: readonly TraceNode[];
  /** Most spans first. */
  readonly services: readonly { readonly name: string; readonly spans: number }[];
  readonly failed: readonly number[];
  readonly depth: number;
  /** First node of each span id. */
  readonly byId: ReadonlyMap<string, number>;
}

/** Lays the spans out depth first, siblings by start, and by end where clocks are too coarse to tell. Missing parents, repeated ids and circles only make more roots. */
export function buildTrace(traceId: string, spans: readonly TraceSpan[]): TraceModel {
  const order = [...spans].sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : a.endNs < b.endNs ? -1 : a.endNs > b.endNs ? 1 : 0));
  const { roots, children } = relate(order);
  const startNs = order.find((span) => span.startNs > 0n)?.startNs ?? 0n;

  const nodes: { -readonly [K in keyof TraceNode]: TraceNode[K] }[] = [];
  const visited = new Set<TraceSpan>();
  const place = (root: TraceSpan, orphan: boolean): void => {
    const pending: { span: TraceSpan; depth: number; parent: number; orphan: boolean }[] = [{ span: root, depth: 0, parent: -1, orphan }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { span, depth, parent } = next;
      if (visited.has(span)) continue;
      visited.add(span);
      const index = nodes.length;
      const offsetNs = Math.max(0, Number(span.startNs - startNs));
      nodes.push({ span, index, depth, parent, below: 0, failedBelow: 0, orphan: next.orphan, offsetNs, durationNs: Number(span.endNs - span.startNs) });
      const below = children.get(span) ?? [];
      for (let i = below.length - 1; i >= 0; i--) pending.push({ span: below[i] as TraceSpan, depth: depth + 1, parent: index, orphan: false });
    }
  };
  for (const root of roots) place(root, root.parentId !== '');
  // What no root leads to goes in a circle; it begins with the earliest.
  for (const span of order) if (!visited.has(span)) place(span, true);

  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    const parent = node === undefined ? undefined : nodes[node.parent];
    if (node === undefined || parent === undefined) continue;
    parent.below += node.below + 1;
    parent.failedBelow += node.failedBelow + (node.span.status === 'error' ? 1 : 0);
  }
  return summarise(traceId, startNs, nodes);
}

function relate(order: readonly TraceSpan[]): { readonly roots: readonly TraceSpan[]; readonly children: ReadonlyMap<TraceSpan, readonly TraceSpan[]> } {
  const byId = new Map<string, TraceSpan>();
  for (const span of order) if (!byId.has(span.spanId)) byId.set(span.spanId, span);
  const roots: TraceSpan[] = [];
  const children = new Map<TraceSpan, TraceSpan[]>();
  for (const span of order) {
    const parent = span.parentId === '' ? undefined : byId.get(span.parentId);
    if (parent === undefined || parent === span) {
      roots.push(span);
      continue;
    }
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [span]);
    else list.push(span);
  }
  return { roots, children };
}

function summarise(traceId: string, startNs: bigint, nodes: readonly TraceNode[]): TraceModel {
  const counts = new Map<string, number>();
  const byId = new Map<string, number>();
  const failed: number[] = [];
  let durationNs = 0;
  let depth = 0;
  for (const { span, index, offsetNs, durationNs: own, depth: level } of nodes) {
    counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
    if (!byId.has(span.spanId)) byId.set(span.spanId, index);
    if (span.status === 'error') failed.push(index);
    durationNs = Math.max(durationNs, offsetNs + own);
    depth = Math.max(depth, level + 1);
  }
  const services = [...counts].map(([name, spans]) => ({ name, spans })).sort((a, b) => b.spans - a.spans || a.name.localeCompare(b.name));
  return { traceId, startNs, durationNs, nodes, services, failed, depth, byId };
}

/** Where the failure came from: the first span that failed without one below it that did; the root where none failed. */
export function originOf(model: TraceModel): number {
  return model.failed.find((index) => model.nodes[index]?.failedBelow === 0) ?? 0;
}

/** Nodes that can be seen, with everything below the folded ones left out. */
export function visibleNodes(model: TraceModel, folded: ReadonlySet<number>): readonly number[] {
  const rows: number[] = [];
  for (let index = 0; index < model.nodes.length; index++) {
    rows.push(index);
    if (folded.has(index)) index += model.nodes[index]?.below ?? 0;
  }
  return rows;
}

/** The folded nodes that hide this one. */
export function foldedAbove(model: TraceModel, folded: ReadonlySet<number>, index: number): readonly number[] {
  const above: number[] = [];
  for (let at = model.nodes[index]?.parent ?? -1; at >= 0; at = model.nodes[at]?.parent ?? -1) if (folded.has(at)) above.push(at);
  return above;
}
