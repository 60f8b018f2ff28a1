import { strict as assert } from 'node:assert';
import { consoleLines } from './console-lines.js';

describe('commands/console-lines', () => {
  const lines = (address: string, allowedHosts: readonly string[] = [], tls = false): readonly string[] => consoleLines({ protocol: 'http', address, tls, allowedHosts }, '10.0.0.5');

  it('has the address alone where nobody else is listened for', () => {
    assert.deepEqual(lines('127.0.0.1:4319'), ['http://127.0.0.1:4319']);
    assert.deepEqual(lines('[::1]:4319', [], true), ['https://[::1]:4319']);
  });

  it('names the setting without which other machines are refused, beside an address that works', () => {
    const refused = 'Other machines get 403 until serve.allowed_hosts (SIGNALBOX_SERVE_ALLOWED_HOSTS) has the host in the address asked for, such as 10.0.0.5';
    assert.deepEqual(lines('0.0.0.0:4319'), ['http://127.0.0.1:4319', refused]);
    assert.deepEqual(lines('[::]:4319'), ['http://[::1]:4319', refused]);
    assert.deepEqual(lines('0.0.0.0:4319', ['localhost']), ['http://127.0.0.1:4319', refused]);
  });

  it('has the addresses that other machines may ask for', () => {
    assert.deepEqual(lines('0.0.0.0:4319', ['signalbox.example.org', '[fd00::1]'], true), ['https://127.0.0.1:4319', 'from other machines https://signalbox.example.org:4319, https://[fd00::1]:4319']);
    assert.deepEqual(lines('[::]:4319', ['*']), ['http://[::1]:4319', 'from other machines http://10.0.0.5:4319']);
  });

  it('says that an address of its own is refused too, or how it may be asked', () => {
    assert.match(lines('192.0.2.1:4319')[1] ?? '', /^Every request gets 403 until serve\.allowed_hosts .* such as 192\.0\.2\.1$/);
    assert.match(lines('[2001:db8::1]:4319')[1] ?? '', /such as \[2001:db8::1\]$/);
    assert.deepEqual(lines('192.0.2.1:4319', ['*']), ['http://192.0.2.1:4319']);
    assert.deepEqual(lines('192.0.2.1:4319', ['signalbox.example.org']), ['http://signalbox.example.org:4319']);
  });
});
