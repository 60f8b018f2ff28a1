import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PLAIN_CALLER } from '../../probe/caller.js';
import type { DoctorContext } from '../finding.js';
import { clockCheck } from './clock.js';
import { roomOf } from './data-directory.js';

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
