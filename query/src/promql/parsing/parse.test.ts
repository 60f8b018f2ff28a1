import assert from 'node:assert/strict';
import type { Expr } from '../ast.js';
import { PromQLParseError } from '../error.js';
import { parsePromQL } from './parse.js';
import { prettyPromQL, printPromQL } from '../print.js';

/** An expression with every operand in braces, to see how it binds. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'binary': return `{${shape(expr.left)} ${expr.op} ${shape(expr.right)}}`;
    case 'unary': return `{${expr.op}${shape(expr.inner)}}`;
    case 'paren': return shape(expr.inner);
    case 'call': return `${expr.name}(${expr.args.map(shape).join(', ')})`;
    default: return printPromQL(expr);
  }
}

describe('PromQL', () => {
  const bound: readonly [query: string, shape: string][] = [
    ['a + b * c', '{a + {b * c}}'],
    ['a + b offset 5m * c', '{a + {b offset 5m * c}}'],
    ['-a offset 5m', '{-a offset 5m}'],
    ['-rate(a[5m]) + b', '{{-rate(a[5m])} + b}'],
    ['-1 ^ 2', '{-{1 ^ 2}}'],
    ['-a * b', '{{-a} * b}'],
    ['2 ^ 3 ^ 2', '{2 ^ {3 ^ 2}}'],
    ['a - b - c', '{{a - b} - c}'],
    ['a - -1', '{a - -1}'],
    ['1-1', '{1 - 1}'],
    ['a or b and c unless d', '{a or {{b and c} unless d}}'],
    ['a == bool -b', '{a == {-b}}'],
    ['a atan2 b + c', '{{a atan2 b} + c}'],
    ['1 < bool 2 == bool 3', '{{1 < 2} == 3}'],
    ['sum_over_time(a[5m:1m] @ 3)', 'sum_over_time(a[5m:1m] @ 3.000)'],
  ];
  for (const [query, expected] of bound) {
    it(`binds ${query}`, () => { assert.equal(shape(parsePromQL(query)), expected); });
  }

  const printed: readonly [query: string, text: string][] = [
    ['sum  by(a,b)(rate(x{c="d",e!~"f"}[5m]))/2', 'sum by (a, b) (rate(x{c="d",e!~"f"}[5m])) / 2'],
    ['a*on(x)group_left(y)b', 'a * on (x) group_left (y) b'],
    ['a==bool ignoring(x)b', 'a == bool ignoring (x) b'],
    ['topk without(a)(5,b)', 'topk without (a) (5, b)'],
    ['{"a.b",c=`d\\e`}', '{__name__="a.b",c="d\\\\e"}'],
    ['{"x.y"="z"}', '{"x.y"="z"}'],
    ['a[90s] offset -1h @ end()', 'a[1m30s] @ end() offset -1h'],
    ['a[5m*2]', 'a[5m * 2]'],
    ['a[max_of(step(),1m)] offset -(range()+1s)', 'a[max_of(step(), 1m)] offset -(range() + 1s)'],
    ['rate(a[5m] smoothed)', 'rate(a[5m] smoothed)'],
    ['a + on(x) fill_right(0) fill_left(-1) b', 'a + on (x) fill_left (-1) fill_right (0) b'],
    ['a[300]', 'a[5m]'],
    ['(((a)))', '(((a)))'],
    ['2. + 0x1F + 010 + 1e3 + 1_000 + .5 + 5m + Inf + NaN', '2 + 31 + 8 + 1000 + 1000 + 0.5 + 5m + +Inf + NaN'],
    ['"\\u00e9\\x41\\303\\251\\n"', '"éAé\\n"'],
    ["'it''".replace("''", "\\'s'"), '"it\'s"'],
    ['x # comment\n + y', 'x + y'],
  ];
  for (const [query, text] of printed) {
    it(`reads and writes ${query}`, () => {
      assert.equal(printPromQL(parsePromQL(query)), text);
      assert.equal(printPromQL(parsePromQL(text)), text);
    });
  }

  it('breaks long lines', () => {
    const long = `sum by (service) (rate(http_requests_total{environment="production",region="europe"}[5m])) / sum(rate(http_requests_total[5m]))`;
    assert.equal(prettyPromQL(parsePromQL(long)), [
      '  sum by (service) (rate(http_requests_total{environment="production",region="europe"}[5m]))', '/', '  sum(rate(http_requests_total[5m]))',
    ].join('\n'));
  });

  // The texts are the ones of Prometheus 3.15.
  const refused: readonly [query: string, message: string][] = [
    ['', 'unknown position: parse error: no expression found in input'],
    ['#x', '1:1: parse error: no expression found in input'],
    ['(', '1:2: parse error: unclosed left parenthesis'],
    [')', "1:2: parse error: unexpected right parenthesis ')'"],
    ['foo{', '1:5: parse error: unexpected end of input inside braces'],
    ['foo{a=b}', '1:7: parse error: unexpected identifier "b" in label matching, expected string'],
    ['foo{a="b', '1:7: parse error: unterminated quoted string'],
    ['foo{a="b" c="d"}', '1:11: parse error: unexpected identifier "c" in label matching, expected "," or "}"'],
    ['foo{a="b",,}', '1:11: parse error: unexpected "," in label matching, expected identifier or "}"'],
    ['foo[', '1:5: parse error: unexpected end of input in duration expression'],
    ['foo[5m', '1:7: parse error: unclosed left bracket'],
    ['foo[5x]', '1:5: parse error: bad number or duration syntax: "5"'],
    ['foo[]', '1:5: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()'],
    ['foo[0]', '1:5: parse error: duration must be greater than 0'],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['topk(a)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['sum by a (b)', '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("'],
    ['sum by (a (b)', '1:11: parse error: unexpected "(" in grouping opts, expected "," or ")"'],
    ['nosuch(x)', '1:1: parse error: unknown function with name "nosuch"'],
    ['rate(a)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['rate(a[5m],1)', '1:1: parse error: expected 1 argument(s) in call to "rate", got 2'],
    ['label_join(a, "b")', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 2'],
    ['round(a,1,2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    ['1 +', '1:4: parse error: unexpected end of input'],
    ['a b', '1:3: parse error: unexpected identifier "b"'],
    ['* 1', '1:1: parse error: unexpected <op:*>'],
    ['"\\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"],
    ['up{a="\\x"}', "1:6: parse error: illegal character U+0022 '\"' in escape sequence"],
    ["up{a='\\\"'}", "1:6: parse error: unknown escape sequence U+0022 '\"'"],
    ['up{a="\\ud800"}', '1:6: parse error: escape sequence is an invalid Unicode code point'],
    ['"\\1', '1:1: parse error: escape sequence not terminated'],
    ['x @ @', '1:5: parse error: unexpected <op:@> in @, expected timestamp'],
    ['x offset (1 % 0)', '1:13: parse error: modulo by zero'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['a and on(x) group_left b', '1:1: parse error: no grouping allowed for "and" operation'],
    ['a + on(x) group_left(x) b', '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'],
    ['a[5m] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['-a[5m]', '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"'],
    ['(a)[5m]', '1:4: parse error: ranges only allowed for vector selectors'],
    ['1[5m:1m]', '1:1: parse error: subquery is only allowed on instant vector, got scalar instead'],
    ['a offset 5m offset 6m', '1:1: parse error: offset may not be set multiple times'],
    ['(a) @ 1', '1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery'],
    ['a @ x', '1:5: parse error: unexpected identifier "x" in @, expected timestamp'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
    ['żółw', "1:1: parse error: unexpected character: 'ż'"],
    ['a{ż="x"}', "1:3: parse error: unexpected character inside braces: 'ż'"],
    ['1e400', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e400": value out of range'],
    ['a && b', "1:3: parse error: unexpected character: '&'"],
    ['a =~ b', "1:3: parse error: unexpected character after '=': '~'"],
    ['count_values(1, a)', '1:14: parse error: expected type string in aggregation parameter, got scalar'],
    ['a[5m:1m] smoothed', '1:1: parse error: smoothed modifier is not supported for subqueries'],
    ['a smoothed anchored', '1:1: parse error: anchored and smoothed modifiers cannot be used together'],
    ['a and fill(1) b', '1:1: parse error: filling in missing series not allowed for set operators'],
    ['info(a, b)', '1:9: parse error: expected label selectors only, got vector selector instead'],
    ['a +\n  b c', '2:5: parse error: unexpected identifier "c"'],
    ['"żż" + a', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['vector("żż") b', '1:16: parse error: unexpected identifier "b"'],
  ];
  for (const [query, message] of refused) {
    it(`refuses ${JSON.stringify(query)}`, () => {
      assert.throws(() => parsePromQL(query), (error: unknown) => {
        assert.ok(error instanceof PromQLParseError);
        assert.equal(error.message, message);
        return true;
      });
    });
  }

  it('has experimental functions only where they are wanted', () => {
    assert.equal(parsePromQL('mad_over_time(a[5m])').kind, 'call');
    assert.throws(() => parsePromQL('mad_over_time(a[5m])', { experimentalFunctions: false }), { message: '1:1: parse error: function "mad_over_time" is not enabled' });
    assert.throws(() => parsePromQL('rate(a[5m] smoothed)', { extendedRangeSelectors: false }), { message: '1:6: parse error: smoothed modifier is experimental and not enabled' });
    assert.throws(() => parsePromQL('a + fill(0) b', { fillModifiers: false }), { message: '1:1: parse error: binop fill modifiers are experimental and not enabled' });
  });

  it('reads thousands of operators in a row, in brackets too, by their precedence', () => {
    const value = (expr: Expr): number => {
      let [leftmost, total] = [expr, 0];
      for (; leftmost.kind === 'binary' && leftmost.op === '+'; leftmost = leftmost.left) total += value(leftmost.right);
      if (leftmost.kind === 'binary') return total + value(leftmost.left) * value(leftmost.right);
      return leftmost.kind === 'number' ? total + leftmost.value : NaN;
    };
    assert.equal(value(parsePromQL(`3${' + 1 * 2 + -1'.repeat(2000)}`)), 2003);
    const long = `x${' or x'.repeat(1500)}`;
    for (const query of [long, `sum by (job) (${long})`, `label_replace(${long} and on (job, code) y${' unless ignoring (a) z'.repeat(400)}, "a", "b", "c", "d") + 1`, `(${long}) * on (a) group_left (b) (${long})`]) {
      assert.equal(printPromQL(parsePromQL(query)), query);
    }
    assert.throws(() => parsePromQL(`${long} + * y`), /unexpected <op:\*>$/);
  });

  it('ends with an error, never with a stack that overflows', () => {
    for (const query of ['-'.repeat(50_000) + '1', Array(50_000).fill('1').join('^'), `${'abs('.repeat(50_000)}a${')'.repeat(50_000)}`, '('.repeat(50_000), 'a['.repeat(5000)]) {
      assert.throws(() => parsePromQL(query), PromQLParseError);
    }
  });

  it('never throws anything else, whatever it is given', () => {
    const pieces = ['a', '{', '}', '(', ')', '[', ']', '5m', ':', '"x"', "'", '=', '=~', '!', '+', '-', '^', 'by', 'on', 'offset', '@', 'sum', 'rate', ',', ' ', 'ż', '\\', '`', '#', '\n', '0x', '1e', '.', 'bool', 'group_left', 'start()', 'and', '{"a"}'];
    let seed = 42;
    const next = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % limit;
    };
    for (let i = 0; i < 5000; i++) {
      const query = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join('');
      try {
        printPromQL(parsePromQL(query));
      } catch (error) {
        assert.ok(error instanceof PromQLParseError, `${JSON.stringify(query)}: ${String(error)}`);
      }
    }
  });
});
