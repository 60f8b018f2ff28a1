import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { flagsOnceWarm, nodeFlags } from './node-flags.js';

describe('launcher/node-flags', () => {
  for (const role of ['receive', 'deliver', 'serve'] as const) {
    it(`are known to this Node.js: ${role}`, () => {
      const { status, stderr } = spawnSync(process.execPath, [...nodeFlags(role), '-e', '0'], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  }

  it('leave out what later versions refuse', () => {
    assert.ok(nodeFlags('serve', '20.19.0').some((flag) => flag.startsWith('--interrupt-budget')));
    for (const version of ['22.12.0', '24.21.0', '26.0.0']) assert.ok(!nodeFlags('serve', version).some((flag) => flag.startsWith('--interrupt-budget')), version);
  });

  it('are known to this Node.js: once warm', () => {
    const script = `for (const flag of ${JSON.stringify(flagsOnceWarm())}) require('node:v8').setFlagsFromString(flag); for (let i = 0, sum = 0; i < 1e6; i++) sum += i;`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    for (const version of ['22.12.0', '24.21.0', '26.0.0']) assert.deepEqual(flagsOnceWarm(version), [], version);
  });
});
