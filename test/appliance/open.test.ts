import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalbox, startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { freePort } from '../servers/free-port.js';

/** As other machines know this one, where it is in a network at all. */
function ownAddress(): string {
  return Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
}

describe('an appliance that listens for others', function () {
  this.timeout(240_000);
  const address = ownAddress();
  let appliance: RunningAppliance;
  let open: string;
  let token: string;

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-open-'));
    token = (await signalbox(['token', 'create', '--data', dataDir])).stdout.trim();
    const port = await freePort();
    open = `http://${address}:${port}`;
    appliance = await startAppliance({ dataDir, env: { SIGNALBOX_SERVE_ENDPOINT: `0.0.0.0:${port}`, SIGNALBOX_SERVE_ALLOWED_HOSTS: address } });
  });
  after(() => appliance.stop());

  it('answers them with a token, and nobody without one, on loopback neither', async () => {
    const status = async (url: string, headers: Record<string, string> = {}): Promise<number> => (await fetch(url, { headers })).status;
    const services = `${open}/jaeger/api/services`;
    assert.equal(await status(services), 401);
    assert.equal(await status(services, { authorization: `Bearer ${token}` }), 200);
    assert.equal(await status(services, { authorization: `Bearer ${token.slice(0, -1)}` }), 401);
    assert.equal(await status(`${open}/readyz`), 200);
    const post = await fetch(`${appliance.http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    assert.equal(post.status, 401);
  });

  it('says at the start under which addresses it answers', () => {
    assert.ok(appliance.said().includes(`  Console, APIs   http://127.0.0.1:${new URL(open).port}\n${' '.repeat(18)}from other machines ${open}\n`) || address === '127.0.0.1', appliance.said());
    assert.doesNotMatch(appliance.said(), /http:\/\/0\.0\.0\.0/);
  });

  it('says at the start which setting lets other machines in, where none may ask', async () => {
    const port = await freePort();
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-closed-'));
    const authorization = `Bearer ${(await signalbox(['token', 'create', '--data', dataDir])).stdout.trim()}`;
    const closed = await startAppliance({ dataDir, env: { SIGNALBOX_SERVE_ENDPOINT: `0.0.0.0:${port}` } });
    const asking = (host: string): Promise<number | undefined> => new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/jaeger/api/services', agent: false, headers: { host: `${host}:${port}`, authorization } }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode)).on('error', reject);
      }).on('error', reject).end();
    });
    try {
      assert.match(closed.said(), new RegExp(`^  Console, APIs   http://127\\.0\\.0\\.1:${port}\n +Other machines get 403 until serve\\.allowed_hosts .* has the host in the address asked for, such as \\S+$`, 'm'));
      assert.deepEqual([await asking('127.0.0.1'), await asking('signalbox.example.org')], [200, 403]);
    } finally {
      await closed.stop();
    }
  });

  it('is verified by its address', async () => {
    const { code, stdout, stderr } = await signalbox(['verify', '--url', open, '--timeout', '90'], { SIGNALBOX_TOKEN: token });
    assert.equal(code, 0, `${stdout}${stderr}`);
  });

  it('is asked by no name that is not allowed, and says which setting allows it', async () => {
    const { code, stderr } = await signalbox(['verify', '--url', open.replace(address, '0.0.0.0')], { SIGNALBOX_TOKEN: token });
    assert.equal(code, 1);
    assert.match(stderr, /SBX_STATUS_REFUSED.*is not served here.*serve\.allowed_hosts/s);
    assert.doesNotMatch(stderr, /SIGNALBOX_TOKEN/);
  });
});
