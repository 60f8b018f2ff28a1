import assert from 'node:assert/strict';
import { newEntry, type Value } from '../entry.js';
import { compileCondition, compileExpression } from './expression.js';
import { ExpressionError } from './expression-tokens.js';

const entry = newEntry(new Map<string, Value>([['level', 'error'], ['code', 503n], ['took', 1.5], ['user', new Map([['id', 'u-1']])], ['tags', ['a', 'b']]]));
entry.attributes.set('log.file.name', 'app.log').set('n', 7n);
entry.severityNumber = 17;

describe('parsing/operators/expression', () => {
  for (const [text, expected] of [
    ['body.level == "error"', true], ["body.level == 'error' and body.code >= 500", true], ['body.level != "error" or body.code < 500.5', false],
    ['body.user.id startsWith "u-" && body["user"]["id"] endsWith "1"', true], ['attributes["log.file.name"] matches "^app\\\\.log$"', true], ['attributes["log.file.name"] not matches `^x`', true],
    ['body.nothing.at.all == nil', true], ['body.nothing?.x != nil', false], ['body.missing ?? "none"', 'none'], ['body.level in ["warn", "error"]', true], ['body.level not in ["warn"]', true], ['"level" in body', true], ['"a" in body.tags', true],
    ['not (body.level contains "rro")', false], ['!(1 > 2)', true], ['body.code > "x"', false], ['body.code == "503"', false], ['body.took * 2 == 3', true], ['1 + 2 * 3 - 4 % 3', 6n], ['-body.code', -503n], ['10 / 4', 2.5], ['5 % 0', null],
    ['body.level + "-" + body.code', 'error-503'], ['body.none + "x"', null], ['body.tags[1]', 'b'], ['body.tags[-1]', 'b'], ['body.tags[9]', null], ['len(body.tags) + len("ab")', 4n], ['upper(lower("Ab"))', 'AB'], ['int("12") + int(1.9)', 13n], ['int("x")', null], ['float("1.5")', 1.5],
    ['body.code >= 500 ? "bad" : body.code >= 400 ? "poor" : "well"', 'bad'], ['severity_number > 12', true], ['timestamp == nil', true], ['resource == nil', true], ['true and not false', true], ['0x10 == 16 and 1e3 == 1_000', true], ['split("a,b", ",")[1]', 'b'], ['"and" == \'and\'', true], ['"a" < "b"', true],
  ] as const) {
    it(text, () => assert.deepEqual(compileExpression(text)(entry), expected));
  }

  it('takes anything but true for false', () => {
    assert.equal(compileCondition('body.level')(entry), false);
    assert.equal(compileCondition('body.level == "error"')(entry), true);
  });

  for (const [text, message] of [
    ['bdy.level == 1', /there is no name 'bdy' \(did you mean 'body'\?\); those there are: body, .* at character 1 of/], ['length(body)', /there is no function 'length'.*len, lower/], ['len()', /len takes 1 argument, not 0/], ['body.level = "x"', /'=' means nothing at character 12/],
    ['body matches "("', /no regular expression/], ['body matches attributes.x', /expected a pattern in quotes/], ['(body', /expected '\)'/], ['body ==', /ends too early at character 8/], ['"open', /a quote that is not closed/], ['body body', /expected an operator or the end, not 'body'/], ['body not', /behind 'not'/], ['a[', /no name 'a'/], ['', /ends too early/],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, /deeper than 100/], ['x'.repeat(9000), /longer than 8192/], ['body.1', /expected an operator|name behind the dot/],
  ] as const) {
    it(`refuses ${text.slice(0, 40)}`, () => assert.throws(() => compileExpression(text), message));
  }

  it('never fails on an entry, nor in another way than with its place', () => {
    const pieces = ['body', 'attributes', '.', '?.', '[', ']', '(', ')', '"a"', "'", '1', '2.5', 'nil', 'true', '==', '<', '+', '-', '*', '/', '%', 'and', 'or', 'not', '!', 'in', 'matches', 'contains', '??', '?', ':', ',', 'len', 'int', 'env', 'x', '"("', '$', '😀'];
    let state = 3;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    let compiled = 0;
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join(random(2) === 0 ? ' ' : '');
      let expression;
      try {
        expression = compileExpression(text);
      } catch (error) {
        assert.ok(error instanceof ExpressionError && /at character \d+ of: /.test(error.message), `${text}: ${String(error)}`);
        continue;
      }
      compiled++;
      assert.doesNotThrow(() => expression(entry), text);
    }
    assert.ok(compiled > 100, `${compiled} were expressions`);
  });
});
