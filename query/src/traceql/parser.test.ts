import assert from 'node:assert/strict';
import { alternativesOf } from './conditions.js';
import { TraceQLError } from './error.js';
import { parseField, parseTraceQL } from './parser.js';

const intrinsic = (key: string, op: string, value: unknown) => ({ scope: 'intrinsic', key, op, value });

describe('TraceQL', () => {
  const parsed: readonly [query: string, alternatives: unknown][] = [
    ['{}', [[]]],
    ['{ true }', [[]]],
    ['{ false }', []],
    ['{ span.http.status_code >= 500 && resource.service.name = "x" && duration > 100ms && status = error && name =~ "GET.*" }', [[
      { scope: 'span', key: 'http.status_code', op: '>=', value: 500n },
      { scope: 'resource', key: 'service.name', op: '=', value: 'x' },
      intrinsic('duration', '>', 100_000_000n), intrinsic('status', '=', 'error'), intrinsic('name', '=~', 'GET.*'),
    ]]],
    ['{ .a = 1.5 || .b != true }', [[{ scope: 'any', key: 'a', op: '=', value: 1.5 }], [{ scope: 'any', key: 'b', op: '!=', value: true }]]],
    ['{ (.a = -1 || .b = `x`) && kind = server }', [
      [{ scope: 'any', key: 'a', op: '=', value: -1n }, intrinsic('kind', '=', 'server')],
      [{ scope: 'any', key: 'b', op: '=', value: 'x' }, intrinsic('kind', '=', 'server')],
    ]],
    ['{ 2h < duration }', [[intrinsic('duration', '>', 7_200_000_000_000n)]]],
    ['{ duration >= 1d }', [[intrinsic('duration', '>=', 86_400_000_000_000n)]]],
    ['{ span."a b".c != nil }', [[{ scope: 'span', key: 'a b.c', op: 'exists', value: null }]]],
    ['{ .flag }', [[{ scope: 'any', key: 'flag', op: '=', value: true }]]],
    ['{ trace:id = "1F" }', [[intrinsic('traceId', '=', '1f'.padStart(32, '0'))]]],
    ['{ rootServiceName = "żółw" && statusMessage = "a\\"b\\n" }', [[intrinsic('rootService', '=', 'żółw'), intrinsic('statusMessage', '=', 'a"b\n')]]],
  ];
  for (const [query, alternatives] of parsed) {
    it(`reads ${query}`, () => { assert.deepEqual(alternativesOf(parseTraceQL(query)), alternatives); });
  }

  const refused: readonly [query: string, message: RegExp][] = [
    ['', /^parse error at line 1, col 1: syntax error: unexpected \$end, expecting \{$/],
    ['{', /unexpected \$end/],
    ['{ .a = }', /^parse error at line 1, col 8: syntax error: unexpected \}/],
    ['{ user.id = "u" }', /^parse error at line 1, col 3: syntax error: unexpected IDENTIFIER/],
    ['{ .a = "x }', /literal not terminated/],
    ['{ .a = "\\q" }', /invalid char escape/],
    ['{ .a =~ "(" }', /error parsing regexp: missing closing \)/],
    ['{ .a =~ 5 }', /wants a regular expression/],
    ['{ status = "error" }', /must operate on the same type/],
    ['{ status > error }', /illegal operation/],
    ['{ name }', /must resolve to a boolean/],
    ['{ 5 }', /must resolve to a boolean/],
    ['{ .a = 99999999999999999999 }', /out of range/],
    ['{ .a = 1 } extra', /unexpected IDENTIFIER/],
    ['{ .a = 1 } | count() > 2', /a pipeline \(\|\) is not supported yet/],
    ['{ .a = 1 } >> { .b = 2 }', /the spanset operator >> is not supported yet/],
    ['{ .a = 1 } && { .b = 2 }', /the spanset operator && is not supported yet/],
    ['({ .a = 1 })', /parenthesised spanset expression is not supported yet/],
    ['{ .a + 1 = 2 }', /arithmetic \(\+\) is not supported yet/],
    ['{ .a = .b }', /comparing two fields/],
    ['{ !.a }', /negation/],
    ['{ .a = nil }', /= nil is not supported yet/],
    ['{ traceDuration > 1s }', /the intrinsic traceDuration is not supported yet/],
    ['{ event.x = 1 }', /the scope event is not supported yet/],
    ['{ parent.span.x = 1 }', /the scope parent.span is not supported yet/],
    ['{ constructor = 1 }', /unexpected IDENTIFIER/],
    [`{ ${'('.repeat(1000)}true${')'.repeat(1000)} }`, /nests too deeply/],
    [`{ ${Array.from({ length: 8 }, (_, i) => `(.a${i}=1 || .b${i}=1)`).join(' && ')} }`, /more than 64 combinations/],
  ];
  for (const [query, message] of refused) {
    it(`refuses ${query.slice(0, 60)}`, () => {
      assert.throws(() => alternativesOf(parseTraceQL(query)), (error: unknown) => error instanceof TraceQLError && message.test(error.message));
    });
  }

  it('reads chains of any length', () => {
    const query = `{ ${Array.from({ length: 20_000 }, () => 'true').join(' && ')} }`;
    assert.deepEqual(alternativesOf(parseTraceQL(query)), [[]]);
  });

  it('reads the name of a field', () => {
    assert.deepEqual(parseField('resource.service.name'), { scope: 'resource', key: 'service.name' });
    assert.deepEqual(parseField('.a'), { scope: 'any', key: 'a' });
    assert.deepEqual(parseField('status'), { scope: 'intrinsic', key: 'status' });
    assert.throws(() => parseField('a b'), TraceQLError);
  });
});
