import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from './make-directory.js';

describe('making a directory', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'signalbox-directory-')); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('makes what is missing above it, and takes one that is there', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeDirectory(path, 0o700);
    makeDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  it('ends with the path that cannot be made', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.throws(() => makeDirectory(file), /ENOTDIR.*file/);
    assert.throws(() => makeDirectory(join(file, 'below')), /ENOTDIR.*file/);
    const nowhere = join(folder, 'nowhere');
    symlinkSync(join(folder, 'gone'), nowhere);
    assert.throws(() => makeDirectory(nowhere), /nowhere/);
  });

  it('ends where the system lets nothing be made', function () {
    if (!existsSync('/proc/self')) this.skip();
    assert.throws(() => makeDirectory('/proc/signalbox/data'), /'\/proc\/signalbox'/);
    assert.throws(() => makeDirectory('/proc/signalbox'), /'\/proc\/signalbox'/);
  });
});
