import assert from 'node:assert/strict';
import type { TraceSpan } from '../api/trace.js';
import { step } from './keys.js';
import { buildTrace, foldedAbove, originOf, visibleNodes } from './model.js';

function span(spanId: string, parentId: string, startMs: number, endMs: number, more: Partial<TraceSpan> = {}): TraceSpan {
  return {
    spanId, parentId, name: spanId, kind: 'internal', startNs: BigInt(startMs) * 1_000_000n, endNs: BigInt(endMs) * 1_000_000n, status: 'unset', statusMessage: '',
    attributes: [], events: [], links: [], service: 'a', resource: [], scope: '', dropped: 0, ...more,
  };
}

const shape = (spans: readonly TraceSpan[]): readonly string[] => buildTrace('t', spans).nodes.map(({ span: { spanId }, depth, orphan }) => `${' '.repeat(depth)}${spanId}${orphan ? '?' : ''}`);
const error = { status: 'error' } as const;

//   root ── a ── a1
//        └─ b (failed) ── b1 (failed)
const family = [
  span('b1', 'b', 60, 70, error), span('root', '', 10, 110, { service: 'front' }), span('a', 'root', 20, 40), span('b', 'root', 50, 90, { ...error, service: 'back' }), span('a1', 'a', 25, 30),
];

describe('tree of a trace', () => {
  const shapes: readonly [name: string, spans: readonly TraceSpan[], lines: readonly string[]][] = [
    ['lays spans out depth first, siblings by start', family, ['root', ' a', '  a1', ' b', '  b1']],
    ['makes roots of spans whose parent is missing', [span('x', 'gone', 5, 9), span('y', 'x', 6, 7), span('root', '', 1, 2)], ['root', 'x?', ' y']],
    ['breaks circles at their earliest span', [span('b', 'a', 2, 3), span('a', 'b', 1, 4)], ['a?', ' b']],
    ['makes a root of a span that is its own parent', [span('a', 'a', 1, 2)], ['a?']],
    ['keeps spans whose id is used twice', [span('a', '', 1, 9), span('a', '', 2, 8), span('c', 'a', 3, 4)], ['a', ' c', 'a']],
    ['is empty without spans', [], []],
  ];
  for (const [name, spans, lines] of shapes) it(name, () => { assert.deepEqual(shape(spans), lines); });

  it('counts what is below, what failed, services, depth and time', () => {
    const model = buildTrace('t', family);
    assert.deepEqual(model.nodes.map(({ below, failedBelow }) => [below, failedBelow]), [[4, 2], [1, 0], [0, 0], [1, 1], [0, 0]]);
    assert.deepEqual(model.services, [{ name: 'a', spans: 3 }, { name: 'back', spans: 1 }, { name: 'front', spans: 1 }]);
    assert.deepEqual(model.failed, [3, 4]);
    assert.equal(model.depth, 3);
    assert.equal(model.startNs, 10_000_000n);
    assert.equal(model.durationNs, 100e6);
    assert.deepEqual(model.nodes.map(({ offsetNs }) => offsetNs / 1e6), [0, 10, 15, 40, 50]);
  });

  it('does not let a span without a start move the beginning of the trace', () => {
    const model = buildTrace('t', [span('root', '', 1000, 1100), span('zero', 'root', 0, 0)]);
    assert.equal(model.startNs, 1_000_000_000n);
    assert.equal(model.durationNs, 100e6);
  });

  it('stands chains of any depth', () => {
    const spans = Array.from({ length: 20_000 }, (_, i) => span(`s${i}`, i === 0 ? '' : `s${i - 1}`, i, 20_000));
    const model = buildTrace('t', spans);
    assert.equal(model.depth, 20_000);
    assert.equal(model.nodes[0]?.below, 19_999);
  });

  it('hides what is below folded spans', () => {
    const model = buildTrace('t', family);
    assert.deepEqual(visibleNodes(model, new Set()), [0, 1, 2, 3, 4]);
    assert.deepEqual(visibleNodes(model, new Set([1])), [0, 1, 3, 4]);
    assert.deepEqual(visibleNodes(model, new Set([0, 3])), [0]);
    assert.deepEqual(foldedAbove(model, new Set([0, 1]), 2), [1, 0]);
    assert.deepEqual(foldedAbove(model, new Set([1]), 4), []);
  });
});

describe('where a failure came from', () => {
  it('is the deepest span of the first that failed', () => { assert.equal(originOf(buildTrace('t', family)), 4); });
  it('is not below a failed one where nothing failed there', () => {
    const broken = { status: 'error' as const };
    assert.equal(originOf(buildTrace('t', [{ ...span('a', '', 1, 9), ...broken }, span('b', 'a', 2, 3), { ...span('c', 'a', 4, 8), ...broken }, span('d', 'c', 5, 6)])), 2);
    assert.equal(originOf(buildTrace('t', [span('a', '', 1, 9), span('b', 'a', 2, 3)])), 0);
  });
});

describe('keys of the waterfall', () => {
  const model = buildTrace('t', family);
  const press = (key: string, selected: number, folded: readonly number[] = []): unknown => {
    const set = new Set(folded);
    const next = step(key, model, visibleNodes(model, set), set, selected, 2);
    return next === null ? null : `${next.kind} ${next.index}`;
  };
  const presses: readonly [key: string, selected: number, folded: readonly number[], does: string | null][] = [
    ['ArrowDown', -1, [], 'select 0'], ['ArrowDown', 1, [], 'select 2'], ['ArrowDown', 1, [1], 'select 3'], ['ArrowDown', 4, [], 'select 4'],
    ['ArrowUp', 3, [1], 'select 1'], ['ArrowUp', -1, [], 'select 4'], ['PageDown', 0, [], 'select 2'], ['PageUp', 4, [], 'select 2'], ['Home', 3, [], 'select 0'], ['End', 0, [], 'select 4'],
    ['ArrowRight', 1, [1], 'unfold 1'], ['ArrowRight', 1, [], 'select 2'], ['ArrowRight', 2, [], null],
    ['ArrowLeft', 1, [], 'fold 1'], ['ArrowLeft', 2, [], 'select 1'], ['ArrowLeft', 0, [0], null],
    ['n', -1, [], 'select 3'], ['n', 3, [], 'select 4'], ['n', 4, [], 'select 3'], ['p', 3, [], 'select 4'], ['p', 4, [], 'select 3'], ['x', 0, [], null],
  ];
  for (const [key, selected, folded, does] of presses) it(`${key} at ${selected}${folded.length > 0 ? `, ${folded.join()} folded` : ''}: ${does ?? 'nothing'}`, () => { assert.equal(press(key, selected, folded), does); });

  it('goes nowhere for failed spans where there are none', () => {
    const fine = buildTrace('t', [span('a', '', 1, 2)]);
    assert.equal(step('n', fine, [0], new Set(), 0, 5), null);
  });
});
