import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findApplication } from './application.js';
import { containerId } from './container.js';

const ID = '3f4e1c0a9b8d7f6e5d4c3b2a190817263544536271809fedcba9876543210abc';

describe('the application', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'agent-application-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('has the name and version of the nearest package.json that has a name', () => {
    mkdirSync(join(dir, 'dist'));
    writeFileSync(join(dir, 'package.json'), '{"name":"shop","version":"1.2.3"}');
    writeFileSync(join(dir, 'dist', 'package.json'), '{"type":"module"}');
    writeFileSync(join(dir, 'dist', 'app.js'), '');
    const entry = join(dir, 'dist', 'app.js');
    assert.deepEqual(findApplication(entry, '/'), { entry, name: 'shop', version: '1.2.3' });
    assert.deepEqual(findApplication(join(dir, 'dist', 'app'), '/'), { entry, name: 'shop', version: '1.2.3' });
  });

  it('is found through links, as of a command installed by npm', () => {
    writeFileSync(join(dir, 'package.json'), '{"name":"shop"}');
    writeFileSync(join(dir, 'app.js'), '');
    mkdirSync(join(dir, 'bin'));
    symlinkSync(join(dir, 'app.js'), join(dir, 'bin', 'shop'));
    assert.equal(findApplication(join(dir, 'bin', 'shop'), '/').name, 'shop');
  });

  it('is that of the working directory for code that stands in no file, and a broken package.json is passed over', () => {
    writeFileSync(join(dir, 'package.json'), '{"name":"shop"}');
    mkdirSync(join(dir, 'sub'));
    writeFileSync(join(dir, 'sub', 'package.json'), '{');
    assert.equal(findApplication(undefined, join(dir, 'sub')).name, 'shop');
  });
});

describe('the container id', () => {
  const files: readonly [name: string, files: Record<string, string>, expected: string | undefined][] = [
    ['cgroup v1', { '/proc/self/cgroup': `12:pids:/docker/${ID}\n11:cpu:/docker/${ID}` }, ID],
    ['cgroup v2 through the mounts of its files', { '/proc/self/cgroup': '0::/', '/proc/self/mountinfo': `600 1 0:1 / /x rw - overlay overlay rw,lowerdir=/l/${'a'.repeat(64)}\n613 595 254:1 /docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/vda1 rw` }, ID],
    ['no container', { '/proc/self/cgroup': '0::/user.slice/session-1.scope', '/proc/self/mountinfo': '22 1 8:1 / / rw - ext4 /dev/sda1 rw' }, undefined],
    ['a system without these files', {}, undefined],
  ];
  for (const [name, content, expected] of files) {
    it(`is right for ${name}`, () => {
      const read = (file: string): string => {
        const text = content[file];
        if (text === undefined) throw new Error('ENOENT');
        return text;
      };
      assert.equal(containerId(read), expected);
    });
  }
});
