import assert from 'node:assert/strict';
import { LogQLError } from './error.js';
import { formatLogQL } from './format.js';
import { parseLogQL, parseSelector } from './parser.js';
import { filtersOf } from './select.js';

function filters(query: string) {
  const parsed = parseLogQL(query);
  assert.equal(parsed.kind, 'log');
  return parsed.kind === 'log' ? filtersOf(parsed) : assert.fail();
}

describe('LogQL', () => {
  const a = { name: 'a', op: '=', value: 'b' };

  it('reads selectors, line filters and label filters', () => {
    assert.deepEqual(filters('{a="b", c!~"d.*"} |= "x" != `y\\z` |~ "w+" | trace_id="1" , span_id=~"2|3" and d!="4" e=""'), {
      matchers: [a, { name: 'c', op: '!~', value: 'd.*' }],
      lineFilters: [{ op: '|=', value: 'x' }, { op: '!=', value: 'y\\z' }, { op: '|~', value: 'w+' }],
      metadata: [
        { name: 'trace_id', op: '=', value: '1' }, { name: 'span_id', op: '=~', value: '2|3' },
        { name: 'd', op: '!=', value: '4' }, { name: 'e', op: '=', value: '' },
      ],
    });
  });

  it('makes alternatives of a line filter one expression, and exclusions several', () => {
    assert.deepEqual(filters('{a="b"} |= "x.y" or "z"').lineFilters, [{ op: '|~', value: '(?:x\\.y)|(?:z)' }]);
    assert.deepEqual(filters('{a="b"} != "x" or "z"').lineFilters, [{ op: '!=', value: 'x' }, { op: '!=', value: 'z' }]);
  });

  it('takes comments, escapes, parentheses and other alphabets in values', () => {
    assert.deepEqual(filters('((\n{a="b"} # the shop\n |= "\\u00e9\\n\\"ż"))').lineFilters, [{ op: '|=', value: 'é\n"ż' }]);
    assert.deepEqual(filters(`${'('.repeat(1000)}{a="b"}${')'.repeat(1000)}`).matchers, [a]);
    assert.deepEqual(filters('{a="b"} | (trace_id="1")').metadata, [{ name: 'trace_id', op: '=', value: '1' }]);
  });

  it('computes what Grafana tests a data source with', () => {
    assert.deepEqual(parseLogQL('vector(1)+vector(1)'), { kind: 'constant', type: 'vector', value: 2 });
    assert.deepEqual(parseLogQL('1 + 2 * (3 - 1) / 4'), { kind: 'constant', type: 'scalar', value: 2 });
  });

  it('writes a query', () => {
    assert.equal(formatLogQL(parseLogQL('{a="b",c=~"d"}|="x"or"y"|e="f",g!="h"')), '{a="b", c=~"d"} |= "x" or "y" | e="f" , g!="h"');
  });

  // The texts are the ones that Loki 3.7 answers.
  const refused: readonly [query: string, message: string][] = [
    ['', 'parse error : syntax error: unexpected $end'],
    ['{', 'parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }'],
    ['{a="b"', 'parse error at line 1, col 7: syntax error: unexpected $end, expecting } or ,'],
    ['{a=b}', 'parse error at line 1, col 4: syntax error: unexpected IDENTIFIER, expecting STRING'],
    ['{a="b" c="d"}', 'parse error at line 1, col 8: syntax error: unexpected IDENTIFIER, expecting } or ,'],
    ['{a="b",}', 'parse error at line 1, col 8: syntax error: unexpected }, expecting IDENTIFIER'],
    ['{a>"b"}', 'parse error at line 1, col 3: syntax error: unexpected >, expecting = or =~ or !~ or !='],
    ['{by="x"}', 'parse error at line 1, col 2: syntax error: unexpected by, expecting IDENTIFIER or }'],
    ['{żółw="x"}', 'parse error at line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }'],
    ['{a=~"("}', 'parse error : error parsing regexp: missing closing ): `(`'],
    ['{a="b"} |= x', 'parse error at line 1, col 12: syntax error: unexpected IDENTIFIER, expecting STRING or ip'],
    ['{a="b"} |~ "("', 'parse error : stage \'|~ "("\' : error parsing regexp: missing closing ): `(`'],
    ['{a="b"} |= "a" or', 'parse error at line 1, col 18: syntax error: unexpected $end, expecting STRING or ip'],
    ['{a="b"} |', 'parse error at line 1, col 10: syntax error: unexpected $end'],
    ['{a="b"} | c', 'parse error at line 1, col 12: syntax error: unexpected $end'],
    ['{a="b"} | c="d" and', 'parse error at line 1, col 20: syntax error: unexpected $end, expecting IDENTIFIER or ('],
    ['{a="b"} | by="x"', 'parse error at line 1, col 11: syntax error: unexpected by'],
    ['{a="b"} | "x"="y"', 'parse error at line 1, col 11: syntax error: unexpected STRING'],
    ['{a="b"} |= "x', 'parse error at line 1, col 12: literal not terminated'],
    ['{a="b"} |= `x', 'parse error at line 1, col 12: literal not terminated'],
    ['{a="\\q"}', 'parse error at line 1, col 4: invalid char escape'],
    ["{a='b'}", 'parse error at line 1, col 4: invalid char literal'],
    ['{a="b"}}', 'parse error at line 1, col 8: syntax error: unexpected }'],
    ['(', 'parse error at line 1, col 2: syntax error: unexpected $end'],
    ['service_name', 'parse error at line 1, col 1: syntax error: unexpected IDENTIFIER'],
    ['"x"', 'parse error at line 1, col 1: syntax error: unexpected STRING'],
    ['{a="b"} or {c="d"}', 'parse error : unexpected type for left leg of binary operation (or): *syntax.MatchersExpr'],
    [`{a="${'x'.repeat(131_072)}"}`, 'parse error : input size too long (131078 > 131072)'],
  ];
  for (const [query, message] of refused) {
    it(`refuses ${query.slice(0, 40)}`, () => { assert.throws(() => parseLogQL(query), (error: unknown) => {
      assert.ok(error instanceof LogQLError);
      assert.equal(error.message, message);
      return true;
    }); });
  }

  for (const query of ['{}', '{a=~".*"}', '{a!="b"}', '{a=""}']) {
    it(`wants a stream to be named in ${query}`, () => { assert.throws(() => parseLogQL(query), /queries require at least one regexp or equality matcher/); });
  }

  const later: readonly [query: string, what: RegExp][] = [
    ['{a="b"} | json', /the stage \| json is not supported yet/],
    ['{a="b"} | logfmt --strict', /the stage \| logfmt is not supported yet/],
    ['{a="b"} | line_format "x"', /the stage \| line_format is not supported yet/],
    ['{a="b"} |> "<_>"', /pattern filters \(\|>\) are not supported yet/],
    ['{a="b"} |= ip("1.2.3.4")', /ip\(\) are not supported yet/],
    ['{a="b"} | c > 5', /label filters with > are not supported yet/],
    ['{a="b"} | c = 5ms', /compare numbers, durations or sizes are not supported yet/],
    ['{a="b"} | c="d" or e="f"', /joined by or are not supported yet/],
    ['rate({a="b"}[5m])', /metric queries \(rate\) are not supported yet/],
    ['sum by (a) (rate({a="b"}[5m]))', /metric queries \(sum\) are not supported yet/],
    ['(topk(3, rate({a="b"}[5m])))', /metric queries \(topk\) are not supported yet/],
    ['vector(1) > 2', /the operator > between metric queries is not supported yet/],
    [`{a="b"} | ${'('.repeat(1000)}c="d"${')'.repeat(1000)}`, /nests too deeply/],
    [`${'('.repeat(1000)}1${')'.repeat(1000)}`, /nests too deeply/],
  ];
  for (const [query, what] of later) {
    it(`says that ${query.slice(0, 40)} cannot be answered`, () => { assert.throws(() => parseLogQL(query), what); });
  }

  it('reads a selector alone', () => {
    assert.deepEqual(parseSelector('{a="b"}'), [a]);
    assert.deepEqual(parseSelector('{}'), []);
    assert.throws(() => parseSelector('{a="b"} |= "x"'), { message: 'only label matchers are supported' });
  });
});
