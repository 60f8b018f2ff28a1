import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLAIN_CALLER } from '../../probe/caller.js';
import type { DoctorContext } from '../finding.js';
import { clockCheck } from './clock.js';
import { roomOf } from './data-directory.js';
import { portsCheck } from './ports.js';

describe('doctor/checks', () => {
  describe('clock', () => {
    let server: Server;
    let aheadMs = 0;
    before(async () => {
      server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ now: new Date(Date.now() + aheadMs).toISOString(), roles: [], listeners: [] })));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    const run = (): ReturnType<typeof clockCheck.run> => {
      const context: DoctorContext = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, dataDir: '/nowhere', configFile: null, token: null, endpoint: null, protocol: null, timeoutMs: 30_000, caller: PLAIN_CALLER, minFreeShare: 0.1 };
      return clockCheck.run(context);
    };

    for (const [skewMs, level, what] of [[0, 'ok', /agree on the time/], [3_600_000, 'hint', /3[56]\d\d\.\d s behind the appliance.*the past/], [-3_600_000, 'hint', /3[56]\d\d\.\d s ahead of the appliance.*the future/]] as const) {
      it(`tells an appliance whose clock is ${skewMs / 1000} s ahead`, async () => {
        aheadMs = skewMs;
        const [finding, ...others] = await run();
        assert.deepEqual([others, finding?.level], [[], level]);
        assert.match(finding?.what ?? '', what);
        assert.match(finding?.remedy ?? '', level === 'ok' ? /^$/ : /NTP/);
      });
    }
  });

  describe('ports, while no appliance answers', () => {
    let dir: string;
    let configFile: string;
    let server: Server;
    let status = 200;
    before(async () => {
      dir = mkdtempSync(join(tmpdir(), 'signalbox-doctor-'));
      configFile = join(dir, 'signalbox.yaml');
      server = createServer((_request, response) => response.writeHead(status).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    after(async () => {
      rmSync(dir, { recursive: true });
      await new Promise((resolve) => server.close(resolve));
    });

    async function run(protocols: string): Promise<string[]> {
      writeFileSync(configFile, `receivers: { otlp: { protocols: ${protocols} } }\nexporters: { store: }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [store] } } }\n`);
      const findings = await portsCheck.run({ url: 'http://127.0.0.1:1', dataDir: dir, configFile, token: null, endpoint: null, protocol: null, timeoutMs: 30_000, caller: PLAIN_CALLER, minFreeShare: 0.1 });
      return findings.map(({ level, what, remedy }) => `${level}: ${what} → ${remedy}`);
    }

    it('are those of the configuration: nobody listens there, or they are not wanted', async () => {
      const [grpc = '', http = '', ...others] = await run('{ grpc: { endpoint: "127.0.0.1:1" } }');
      assert.deepEqual(others, []);
      assert.match(grpc, /^problem: nobody listens at 127\.0\.0\.1:1 \(ECONNREFUSED\) → start the appliance/);
      assert.match(http, /^hint: the appliance does not receive OTLP over HTTP/);
    });

    it('are taken by another program, which is told from another collector', async () => {
      const { port } = server.address() as AddressInfo;
      const taken = async (): Promise<string> => (await run(`{ http: { endpoint: "127.0.0.1:${port}" } }`))[1] ?? '';
      status = 404;
      assert.match(await taken(), new RegExp(`^problem: something else listens at 127\\.0\\.0\\.1:${port}: it answers HTTP 404 .* → find who has the port with .*sport = :${port}`));
      status = 200;
      assert.match(await taken(), new RegExp(`^hint: 127\\.0\\.0\\.1:${port} takes OTLP over HTTP, and no appliance answers at http://127\\.0\\.0\\.1:1: another collector has the port.* → find who`));
    });
  });

  it('tell a disk that is nearly full, and none that does not tell its size', () => {
    const disk = (bavail: number, blocks: number, minFreeShare = 0.1): ReturnType<typeof roomOf> => roomOf('/data', { bavail, blocks, bsize: 2 ** 20 }, minFreeShare);
    const { full } = disk(9 * 1024, 100 * 1024);
    assert.equal(full?.level, 'problem');
    assert.match(full.what, /the disk of \/data is nearly full: 9\.0 GiB \(9 %\) are free/);
    assert.match(full.remedy, /journal\.max_bytes/);
    assert.deepEqual(disk(10 * 1024, 100 * 1024), { full: null, room: '10.0 GiB (10 %)' });
    assert.equal(disk(0, 0).full, null);
    assert.equal(disk(0, 100, 0).full, null);
    assert.match(disk(30, 100, 0.5).full?.what ?? '', /nothing is accepted below 50 %/);
  });
});
