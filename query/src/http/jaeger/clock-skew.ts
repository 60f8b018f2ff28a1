import { formatGoDuration } from '../../go/duration.js';
import type { JaegerProcess, JaegerSpan } from './model.js';

interface Node {
  readonly span: JaegerSpan;
  readonly host: string;
  readonly children: Node[];
}

/**
 * The warnings of Jaeger's clock skew adjuster with its default, which is to adjust nothing: spans whose parent is
 * missing, whose id is used twice, or that stick out of their parent on another host.
 */
export function clockSkewWarnings(spans: readonly JaegerSpan[], processes: Readonly<Record<string, JaegerProcess>>): Map<JaegerSpan, string[]> {
  const warnings = new Map<JaegerSpan, string[]>();
  const warn = (span: JaegerSpan, text: string) => { warnings.set(span, [...(warnings.get(span) ?? []), text]); };
  const nodes = new Map<string, Node>();
  for (const span of spans) {
    if (nodes.has(span.spanID)) warn(span, 'duplicate span IDs; skipping clock skew adjustment');
    else nodes.set(span.spanID, { span, host: hostOf(processes[span.processID]), children: [] });
  }
  const pending: { node: Node; parent: Node | null; deltaUs: number; host: string }[] = [];
  for (const node of nodes.values()) {
    const parentId = parentOf(node.span);
    if (parentId === '') {
      pending.push({ node, parent: null, deltaUs: 0, host: node.host });
      continue;
    }
    const parent = nodes.get(parentId);
    if (parent !== undefined && parent !== node) {
      parent.children.push(node);
    } else {
      if (parent === undefined) warn(node.span, `invalid parent span IDs=${parentId}; skipping clock skew adjustment`);
      pending.push({ node, parent: null, deltaUs: 0, host: node.host });
    }
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, parent } = next;
    let { deltaUs, host } = next;
    if (parent !== null && (node.host !== host || node.host === '')) {
      deltaUs = skew(node.span, parent.span);
      host = node.host;
    }
    if (deltaUs !== 0) warn(node.span, `clock skew adjustment disabled; not applying calculated delta of ${formatGoDuration(BigInt(deltaUs) * 1000n)}`);
    for (const child of node.children) pending.push({ node: child, parent: node, deltaUs, host });
  }
  return warnings;
}

function parentOf({ references, traceID }: JaegerSpan): string {
  const within = references.filter((ref) => ref.traceID === traceID);
  return (within.find((ref) => ref.refType === 'CHILD_OF') ?? within[0])?.spanID ?? '';
}

function hostOf(process: JaegerProcess | undefined): string {
  const ip = process?.tags.find((tag) => tag.key === 'ip' && tag.type === 'string');
  return ip === undefined ? '' : String(ip.value);
}

/** Microseconds to add to the child so that it lies within its parent, network time split evenly. */
function skew(child: JaegerSpan, parent: JaegerSpan): number {
  if (child.duration > parent.duration) return child.startTime < parent.startTime ? parent.startTime - child.startTime : 0;
  const within = child.startTime >= parent.startTime && child.startTime + child.duration <= parent.startTime + parent.duration;
  return within ? 0 : parent.startTime + Math.trunc((parent.duration - child.duration) / 2) - child.startTime;
}
