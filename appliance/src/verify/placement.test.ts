import { strict as assert } from 'node:assert';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Glob } from '@signalbox/collector/receivers/filelog/files/glob';
import { placeFor } from './placement.js';

describe('verify/placement', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-placement-'));
    mkdirSync(join(dir, 'pods/shop'), { recursive: true });
    mkdirSync(join(dir, 'pods/pay'), { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const place = (include: readonly string[], exclude: readonly string[] = []): ReturnType<typeof placeFor> =>
    placeFor({ include: include.map((each) => join(dir, each)), exclude: exclude.map((each) => join(dir, each)), compression: '' }, 'verify-1');

  for (const [pattern, path] of [
    ['*.log', 'verify-1.log'],
    ['app-*.log', 'app-verify-1.log'],
    ['*', 'verify-1'],
    ['*-*.lo?', 'verify-1-.lox'],
    ['[ab]*.{txt,log}', 'averify-1.txt'],
    ['[!a]*.log', '_verify-1.log'],
    ['a\\*b*.log', 'a*bverify-1.log'],
    ['pods/sh*/*.log', 'pods/shop/verify-1.log'],
    ['**/*.log', 'verify-1.log'],
    ['pods/**', 'pods/verify-1.log'],
    ['{nowhere,pods}/*.log', 'pods/verify-1.log'],
  ] as const) {
    it(`finds a name for ${pattern}`, async () => {
      const found = await place([pattern]);
      assert.deepEqual(found, { path: join(dir, path) });
      assert.ok(new Glob(join(dir, pattern)).matches(join(dir, path)), 'the receiver takes it');
    });
  }

  it('takes another folder where the first is excluded, and another pattern where one names a file', async () => {
    assert.deepEqual(await place(['pods/*/*.log'], ['pods/pay/*']), { path: join(dir, 'pods/shop/verify-1.log') });
    assert.deepEqual(await place(['app.log', '*.log']), { path: join(dir, 'verify-1.log') });
  });

  it('touches nothing that is there', async () => {
    writeFileSync(join(dir, 'verify-1.log'), 'mine');
    assert.match(JSON.stringify(await place(['*.log'])), /no folder is there/);
    assert.deepEqual(await place(['*.log', 'pods/pay/*.log']), { path: join(dir, 'pods/pay/verify-1.log') });
  });

  it('says why there is no place', async () => {
    assert.match(JSON.stringify(await place(['app.log'])), /names files that are somebody's/);
    assert.match(JSON.stringify(await place(['nowhere/*.log'])), /no folder is there/);
    assert.match(JSON.stringify(await place(['*.log'], ['*'])), /exclude takes every name/);
  });

  it('says where it may not write', async function () {
    if (process.getuid?.() === 0) this.skip();
    chmodSync(join(dir, 'pods/pay'), 0o555);
    assert.match(JSON.stringify(await place(['pods/pay/*.log'])), /may not write to .*pods\/pay/);
  });
});
