import assert from 'node:assert/strict';
import { Glob, matchName } from './glob.js';

describe('receivers/filelog/files/glob', () => {
  for (const [pattern, path, expected] of [
    ['/var/log/*.log', '/var/log/a.log', true], ['/var/log/*.log', '/var/log/x/a.log', false], ['/var/**/*.log', '/var/log/x/a.log', true], ['/var/**/*.log', '/var/a.log', true], ['/var/log/**', '/var/log/a/b', true],
    ['/l/{a,b}-?.log', '/l/b-1.log', true], ['/l/{a,b}-?.log', '/l/c-1.log', false], ['/l/[a-c]*.log', '/l/bee.log', true], ['/l/[!a-c]*.log', '/l/bee.log', false], ['/l/\\*.log', '/l/*.log', true], ['/l/\\*.log', '/l/a.log', false],
  ] as const) {
    it(`${pattern} ${expected ? 'takes' : 'leaves'} ${path}`, () => assert.equal(new Glob(pattern).matches(path), expected));
  }

  it('does not run away with many stars', () => assert.equal(matchName(`${'*a'.repeat(50)}b`, 'a'.repeat(5000)), false));
});
