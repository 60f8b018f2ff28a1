import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPEND_PATH } from '@signalbox/collector/derive/append-protocol';
import { fastify } from 'fastify';
import { registerPassOn, WRITE_PATHS } from './pass-on.js';

describe('http/pass-on', () => {
  it('passes writes on to the local socket, and nothing that is between the roles alone', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-pass-on-'));
    const socketPath = join(dir, 's.sock');
    const reached: string[] = [];
    const receive = createServer((request, response) => {
      reached.push(request.url ?? '');
      request.resume().on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>((resolve) => receive.listen(socketPath, resolve));
    const app = fastify();
    try {
      await registerPassOn(app, socketPath);
      const base = await app.listen({ host: '127.0.0.1', port: 0 });
      for (const path of WRITE_PATHS) assert.equal((await fetch(base + path, { method: 'POST', body: 'x' })).status, 204);
      for (const path of [APPEND_PATH, `${APPEND_PATH}/`, `/x/..${APPEND_PATH}`, `${WRITE_PATHS[0]}/..${APPEND_PATH}`, `/%69nternal/append`]) assert.equal((await fetch(base + path, { method: 'POST', body: 'x' })).status, 404, path);
      assert.deepEqual(reached, [...WRITE_PATHS]);
    } finally {
      await app.close();
      receive.closeAllConnections();
      await new Promise((resolve) => receive.close(resolve));
      await rm(dir, { recursive: true, force: true });
    }
  });
});
