import assert from 'node:assert/strict';
import { TagError, parseTags, tagText } from './tags.js';
import type { Tag } from './tags.js';

const tag = (key: string, op: Tag['op'], value: string, quoted = false): Tag => ({ key, op, value, quoted });

describe('tags of a trace search', () => {
  const read: readonly [text: string, tags: readonly Tag[]][] = [
    ['', []],
    ['  ', []],
    ['http.route=/pay', [tag('http.route', '=', '/pay')]],
    ['a=1 b="v v"', [tag('a', '=', '1'), tag('b', '=', 'v v', true)]],
    ['a="say \\"hi\\"\\n"', [tag('a', '=', 'say "hi"\n', true)]],
    ['code>=500 code<600', [tag('code', '>=', '500'), tag('code', '<', '600')]],
    ['path=~"/a.*" x!=y z!~"q"', [tag('path', '=~', '/a.*', true), tag('x', '!=', 'y'), tag('z', '!~', 'q', true)]],
    ['url=http://x/?a=b', [tag('url', '=', 'http://x/?a=b')]],
    ['a=""', [tag('a', '=', '', true)]],
    ['größe=12,5', [tag('größe', '=', '12,5')]],
  ];
  for (const [text, tags] of read) it(`reads ${JSON.stringify(text)}`, () => { assert.deepEqual(parseTags(text), tags); });

  const refused: readonly [text: string, at: number, message: RegExp][] = [
    ['a', 1, /After "a" comes =/],
    ['a=1 b', 5, /After "b" comes =/],
    ['a=', 2, /A value for "a" is missing/],
    ['a= b=1', 2, /A value for "a" is missing/],
    ['a="x', 2, /not closed/],
    ['=x', 0, /begins with its name/],
    ['"x"=1', 0, /begins with its name/],
  ];
  for (const [text, at, message] of refused) {
    it(`refuses ${JSON.stringify(text)} at ${at}`, () => {
      assert.throws(() => parseTags(text), (error: unknown) => error instanceof TagError && error.at === at && message.test(error.message));
    });
  }

  for (const value of ['plain', 'with space', 'a"b', 'back\\slash', '', 'tab\tand\nline', '=']) {
    it(`writes the value ${JSON.stringify(value)} so that it is read again`, () => {
      assert.deepEqual(parseTags(tagText('key', value)).map(({ key, op, value: again }) => [key, op, again]), [['key', '=', value]]);
    });
  }
});
