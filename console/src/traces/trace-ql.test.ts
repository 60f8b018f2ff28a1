import assert from 'node:assert/strict';
import { parseTraceQL } from '@signalbox/query/traceql/parser';
import { emptySearch } from './search.js';
import type { TraceSearch } from './search.js';
import { toTraceQl } from './trace-ql.js';

describe('TraceQL of a trace search', () => {
  const translated: readonly [search: Partial<TraceSearch>, query: string][] = [
    [{}, '{}'],
    [{ service: 'orders' }, '{ resource.service.name = "orders" }'],
    [{ service: 'a"b\\', operation: 'GET /' }, '{ resource.service.name = "a\\"b\\\\" && name = "GET /" }'],
    [{ errors: true, min: '100ms', max: '1.5s' }, '{ status = error && duration >= 100000000ns && duration <= 1500000000ns }'],
    [{ tags: 'http.route=/pay' }, '{ .http.route = "/pay" }'],
    [{ tags: 'code=500' }, '{ (.code = 500 || .code = "500") }'],
    [{ tags: 'code!=500' }, '{ .code != 500 && .code != "500" }'],
    [{ tags: 'code="500"' }, '{ .code = "500" }'],
    [{ tags: 'code>=500 vip=true' }, '{ .code >= 500 && (.vip = true || .vip = "true") }'],
    [{ tags: 'span.x=a resource.host.name=b' }, '{ span.x = "a" && resource.host.name = "b" }'],
    [{ tags: 'span.kind=server error=true status=ok name=x' }, '{ kind = server && status = error && status = ok && name = "x" }'],
    [{ tags: 'path=~"/a.*"' }, '{ .path =~ "/a.*" }'],
    [{ tags: 'we,ird=x' }, '{ ."we,ird" = "x" }'],
    [{ tags: 'duration>2ms' }, '{ duration > 2000000ns }'],
  ];
  for (const [search, query] of translated) {
    it(`makes ${query}`, () => {
      const made = toTraceQl({ ...emptySearch, ...search });
      assert.deepEqual(made, { query });
      // The engine understands it.
      parseTraceQL(query);
    });
  }

  const refused: readonly [search: Partial<TraceSearch>, fields: readonly string[]][] = [
    [{ min: '5' }, ['min']],
    [{ min: 'fast', max: 'slow' }, ['min', 'max']],
    [{ min: '2s', max: '1s' }, ['max']],
    [{ tags: 'broken' }, ['tags']],
  ];
  for (const [search, fields] of refused) {
    it(`finds fault with ${JSON.stringify(search)}`, () => {
      const made = toTraceQl({ ...emptySearch, ...search });
      assert.ok('faults' in made);
      assert.deepEqual(Object.keys(made.faults).sort(), [...fields].sort());
    });
  }
});
