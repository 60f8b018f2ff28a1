import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newestBuild } from './newest-build.js';

describe('newestBuild', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-agent-build-'));
    mkdirSync(join(dir, 'bundle'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const made = (file: string, atSeconds: number): void => {
    writeFileSync(join(dir, file), '');
    utimesSync(join(dir, file), atSeconds, atSeconds);
  };
  const chosen = (): string => newestBuild(pathToFileURL(join(dir, 'register.js')).href).slice(pathToFileURL(dir).href.length + 1);

  it('is the bundle that was made of the files beside it', () => {
    made('.tsbuildinfo', 1_000);
    made('bundle/agent.js', 1_000);
    assert.equal(chosen(), 'bundle/agent.js');
  });

  it('is the single files where they are newer than the bundle, or where there is none', () => {
    assert.equal(chosen(), 'agent.js');
    made('.tsbuildinfo', 1_001);
    assert.equal(chosen(), 'agent.js');
    made('bundle/agent.js', 1_000);
    assert.equal(chosen(), 'agent.js');
  });

  it('is the sources where they are run', () => {
    made('bundle/agent.js', 1_000);
    assert.equal(chosen(), 'agent.js');
  });
});
