import assert from 'node:assert/strict';
import { readTraceLogs } from '../api/trace-logs.js';
import { readTrace } from '../api/trace.js';
import { linesAround, logsWithin, readScope } from './log-scope.js';
import { buildTrace } from './model.js';

const id = (n: number): string => String(n).repeat(16);
const otlpSpan = (n: number, parent: number) => ({ traceId: 'a'.repeat(32), spanId: id(n), ...(parent === 0 ? {} : { parentSpanId: id(parent) }), name: `s${n}`, startTimeUnixNano: `${n}000`, endTimeUnixNano: '9000' });
const model = buildTrace('t', readTrace({ resourceSpans: [{ scopeSpans: [{ spans: [otlpSpan(1, 0), otlpSpan(2, 1), otlpSpan(3, 2)] }] }] }));
const logs = readTraceLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [1, 2, 3].map((n) => ({ timeUnixNano: `${n}000`, spanId: id(n), body: { stringValue: `line ${n}` }, attributes: n === 2 ? [{ key: 'order.id', value: { stringValue: 'A-77' } }] : [] })) }] }] });

describe('log lines beside a trace', () => {
  const cases: readonly [scope: 'all' | 'span' | 'below', selected: number, text: string, bodies: readonly string[]][] = [
    ['all', -1, '', ['line 1', 'line 2', 'line 3']], ['all', 1, '', ['line 1', 'line 2', 'line 3']], ['span', 1, '', ['line 2']], ['below', 1, '', ['line 2', 'line 3']],
    ['span', -1, '', ['line 1', 'line 2', 'line 3']], ['all', -1, 'LINE 3', ['line 3']], ['all', -1, 'a-77', ['line 2']], ['below', 0, 'order.id', ['line 2']], ['span', 2, 'a-77', []],
  ];
  for (const [scope, selected, text, bodies] of cases) {
    it(`${scope} of span ${selected} with ${JSON.stringify(text)}: ${bodies.length} lines`, () => { assert.deepEqual(logsWithin(logs, model, scope, selected, text).map(({ body }) => body), bodies); });
  }

  it('leads to the lines under Logs, of the trace and of the service while the span lasted', () => {
    const start = 1_700_000_000_000n;
    const span = { traceId: 'b'.repeat(32), spanId: id(1), name: 'GET /', startTimeUnixNano: `${start}000000`, endTimeUnixNano: `${start + 500n}000000` };
    const child = { ...span, spanId: id(2), parentSpanId: id(1), startTimeUnixNano: `${start + 100n}000000`, endTimeUnixNano: `${start + 200n}000000` };
    const own = buildTrace('b'.repeat(32), readTrace({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'sh"op' } }] }, scopeSpans: [{ spans: [span, child] }] }] }));
    const node = own.nodes[1];
    assert.ok(node);
    const [ofTrace, ofService] = Object.values(linesAround(own, node)).map((href) => Object.fromEntries(new URL(href, 'http://x').searchParams));
    assert.deepEqual(ofTrace, { query: `{service_name=~".+"} | trace_id="${'b'.repeat(32)}"`, from: '1699999998000', to: '1700000002500', direction: 'forward' });
    assert.deepEqual(ofService, { query: '{service_name="sh\\"op"}', from: '1699999998100', to: '1700000002200', direction: 'forward' });
  });

  it('reads the scope from the address', () => { assert.deepEqual([null, 'span', 'below', 'odd'].map(readScope), ['all', 'span', 'below', 'all']); });
});
