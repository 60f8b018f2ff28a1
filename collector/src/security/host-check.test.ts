import assert from 'node:assert/strict';
import { checkHost, type HostPolicy } from './host-check.js';
import { isLoopbackHost } from './loopback.js';

const strict: HostPolicy = { allowedHosts: [], allowedOrigins: [] };
const open: HostPolicy = { allowedHosts: ['signalbox.example.org'], allowedOrigins: ['https://app.example.org', 'https://*.shop.example'] };

type Case = readonly [host: string | undefined, origin: string | undefined, policy: HostPolicy, code: string | null];
const cases: readonly Case[] = [
  ['localhost:4318', undefined, strict, null],
  ['127.0.0.1:4318', undefined, strict, null],
  ['127.9.9.9', undefined, strict, null],
  ['[::1]:4318', undefined, strict, null],
  ['app.localhost:4318', undefined, strict, null],
  ['LOCALHOST', undefined, strict, null],
  [undefined, undefined, strict, 'SBX_HTTP_HOST'],
  ['', undefined, strict, 'SBX_HTTP_HOST'],
  ['evil.example:4318', undefined, strict, 'SBX_HTTP_HOST'],
  ['localhost.evil.example', undefined, strict, 'SBX_HTTP_HOST'],
  ['127.0.0.1.evil.example', undefined, strict, 'SBX_HTTP_HOST'],
  ['localhost@evil.example', undefined, strict, 'SBX_HTTP_HOST'],
  ['10.0.0.5:4318', undefined, strict, 'SBX_HTTP_HOST'],
  ['signalbox.example.org:4318', undefined, open, null],
  ['other.example.org', undefined, open, 'SBX_HTTP_HOST'],
  ['localhost:4318', 'http://localhost:4318', strict, null],
  ['localhost:4318', 'http://localhost:9999', strict, 'SBX_HTTP_ORIGIN'],
  ['localhost:4318', 'https://evil.example', strict, 'SBX_HTTP_ORIGIN'],
  ['localhost:4318', 'null', strict, 'SBX_HTTP_ORIGIN'],
  ['localhost:4318', 'https://app.example.org', open, null],
  ['localhost:4318', 'https://a.shop.example', open, null],
  ['localhost:4318', 'https://a.shop.example.evil', open, 'SBX_HTTP_ORIGIN'],
];

describe('security/host-check', () => {
  for (const [host, origin, policy, code] of cases) {
    it(`answers ${code} to host ${host} from ${origin}`, () => assert.equal(checkHost(host, origin, policy)?.code ?? null, code));
  }

  it('knows loopback from the rest', () => {
    for (const host of ['localhost', 'x.localhost.', '127.0.0.1', '::1', '[::1]', '::ffff:127.0.0.1']) assert.ok(isLoopbackHost(host), host);
    for (const host of ['0.0.0.0', '::', '192.168.0.1', 'example.org', '128.0.0.1', '127.evil']) assert.ok(!isLoopbackHost(host), host);
  });
});
