import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { roleEntry } from './role-entry.js';

describe('launcher/role-entry', () => {
  let folder: string;
  const entry = (): string => roleEntry(pathToFileURL(`${join(folder, 'appliance')}/`)).slice(folder.length + 1);
  const write = (path: string, seconds: number): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, seconds, seconds);
  };

  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'signalbox-entry-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the compiled module where there is no bundle', () => {
    write('collector/dist/.tsbuildinfo', 1000);
    assert.equal(entry(), 'appliance/dist/roles/main.js');
  });

  it('is the bundle where nothing was compiled since', () => {
    for (const name of ['signals', 'journal', 'collector', 'query', 'store', 'appliance']) write(`${name}/dist/.tsbuildinfo`, 1000);
    write('appliance/dist/bundle/main.js', 1000);
    assert.equal(entry(), 'appliance/dist/bundle/main.js');
  });

  it('is the bundle where packages do not lie beside the appliance', () => {
    write('appliance/dist/bundle/main.js', 1000);
    assert.equal(entry(), 'appliance/dist/bundle/main.js');
  });

  for (const name of ['signals', 'journal', 'collector', 'query', 'store', 'appliance']) {
    it(`is the compiled module where ${name} was compiled after the bundle was made`, () => {
      write('appliance/dist/bundle/main.js', 1000);
      write(`${name}/dist/.tsbuildinfo`, 1001);
      assert.equal(entry(), 'appliance/dist/roles/main.js');
    });
  }
});
