import assert from 'node:assert/strict';
import { legendText } from './legend.js';

describe('legends', () => {
  const cases: readonly [template: string, labels: Record<string, string>, text: string][] = [
    ['{{job}}', { job: 'a' }, 'a'], ['{{ job }} → {{route}}', { job: 'a', route: '/x' }, 'a → /x'], ['{{missing}}!', {}, '!'], ['p95', { job: 'a' }, 'p95'],
    ['', { __name__: 'up', job: 'a', i: 'b' }, 'up{job="a", i="b"}'], ['', {}, 'expr'], ['', { __name__: 'up' }, 'up'], ['__auto', { job: 'a' }, 'a'], ['__auto', { a: '1', b: '2' }, '{a="1", b="2"}'],
  ];
  for (const [template, labels, text] of cases) it(`${JSON.stringify(template)} with ${JSON.stringify(labels)} is ${text}`, () => { assert.equal(legendText(template, labels, 'expr'), text); });
});
