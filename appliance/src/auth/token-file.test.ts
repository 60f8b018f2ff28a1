import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenAuthenticator } from './authenticator.js';
import { createToken, isTenantName, readTokens, revokeToken, tokenFilePath, tokensStamp } from './token-file.js';

describe('tokens', () => {
  let dir: string;
  let nowMs: number;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-tokens-'));
    nowMs = 0;
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const make = (scopes: ('write' | 'read')[] = ['write', 'read'], tenant = 'default') => createToken(dir, { tenant, scopes, note: '' }, new Date(0)).token;
  const authenticator = (tokenFile: string | null = null) => new TokenAuthenticator({ dataDir: dir, required: true, tokenFile }, () => nowMs);

  it('keeps a hash and never the token, in a file that others cannot read', () => {
    const token = make();
    const text = readFileSync(tokenFilePath(dir), 'utf8');
    assert.ok(!text.includes(token) && !text.includes(token.slice('sbx_12345678_'.length)));
    assert.equal(statSync(tokenFilePath(dir)).mode & 0o077, 0);
  });

  it('finds no tokens where a file stands in the place of the data directory', () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    assert.deepEqual([readTokens(file), tokensStamp(file)], [[], 0]);
    assert.equal(new TokenAuthenticator({ dataDir: join(file, 'data'), required: true, tokenFile: null }, () => nowMs).size, 0);
  });

  it('lets a token do what its scopes say, as its tenant and no other', () => {
    const auth = authenticator();
    const writer = `Bearer ${make(['write'], 'team-a')}`;
    nowMs += 2000;
    assert.deepEqual(auth.write(writer, undefined), { tenant: 'team-a' });
    assert.deepEqual(auth.write(writer, 'team-a'), { tenant: 'team-a' });
    assert.equal((auth.write(writer, 'team-b') as { refused: string }).refused, 'forbidden');
    assert.equal((auth.read(writer, undefined) as { refused: string }).refused, 'forbidden');
  });

  it('refuses no token, a wrong one, and another scheme, and says how to get one', () => {
    const token = make();
    const auth = authenticator();
    for (const header of [undefined, 'Bearer ', `Bearer ${token}x`, `Basic ${token}`, token]) {
      const verdict = auth.read(header, undefined) as { refused: string; reason: string };
      assert.equal(verdict.refused, 'unauthenticated', String(header));
      assert.match(verdict.reason, /signalbox token create|Bearer/);
    }
  });

  it('takes a revoked token no longer, within a second and without a restart', () => {
    const { token, stored } = createToken(dir, { tenant: 'default', scopes: ['read'], note: '' }, new Date(0));
    const auth = authenticator();
    assert.deepEqual(auth.read(`Bearer ${token}`, undefined), { tenant: 'default' });
    assert.ok(revokeToken(dir, stored.id));
    assert.ok(!revokeToken(dir, stored.id));
    nowMs += 1000;
    assert.equal((auth.read(`Bearer ${token}`, undefined) as { refused: string }).refused, 'unauthenticated');
  });

  it('takes a token from a secret file', () => {
    const file = join(dir, 'secret');
    writeFileSync(file, 'a-secret-of-enough-length\n');
    assert.deepEqual(authenticator(file).write('Bearer a-secret-of-enough-length', undefined), { tenant: 'default' });
    writeFileSync(file, 'short');
    assert.throws(() => authenticator(file), /20 at least/);
    assert.throws(() => authenticator(join(dir, 'missing')), /cannot be read/);
  });

  it('without tokens demanded, takes the tenant that the request names', () => {
    const open = new TokenAuthenticator({ dataDir: dir, required: false, tokenFile: null }, () => nowMs);
    assert.deepEqual(open.write(undefined, undefined), { tenant: 'default' });
    assert.deepEqual(open.write(undefined, 'team-a'), { tenant: 'team-a' });
    assert.equal((open.write(undefined, '../x') as { refused: string }).refused, 'forbidden');
  });

  it('refuses a file that is damaged, with what to do', () => {
    writeFileSync(tokenFilePath(dir), '{"version":9}');
    assert.throws(() => readTokens(dir), /SBX_AUTH|not a token file of this version.*restore it/s);
  });

  it('knows what a tenant may be called', () => {
    for (const good of ['default', 'team-a', "it's(fine)*!_."]) assert.ok(isTenantName(good), good);
    for (const bad of ['', '.', '..', 'a/b', 'a b', 'ü', 'x'.repeat(151)]) assert.ok(!isTenantName(bad), bad);
  });
});
