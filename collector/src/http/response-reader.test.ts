import assert from 'node:assert/strict';
import { ResponseReader } from './response-reader.js';

interface Read {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isComplete: boolean;
  readonly staysOpen: boolean;
}

/** Reads a text as an answer, in pieces of so many bytes. */
function read(text: string, piece: number, wanted = true): Read {
  let status = 0;
  let headers: Record<string, string> = {};
  let body = '';
  const reader = new ResponseReader({
    head: (head) => {
      status = head.status;
      headers = Object.fromEntries(head.headers);
      return wanted;
    },
    body: (bytes, from, to) => (body += bytes.toString('latin1', from, to)),
  });
  const all = Buffer.from(text, 'latin1');
  for (let at = 0; at < all.length; at += piece) reader.push(all.subarray(at, at + piece));
  reader.end();
  return { status, headers, body, isComplete: reader.isComplete, staysOpen: reader.staysOpen };
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('receivers/prometheus/response-reader', () => {
  for (const { what, text, expected } of [
    { what: 'a body of a length', text: `${OK}Content-Length: 5\r\nX: a\r\nX: b\r\n\r\nhello`, expected: { headers: { 'content-length': '5', x: 'a, b' }, body: 'hello', isComplete: true, staysOpen: true } },
    { what: 'chunks with extensions and trailers', text: `${OK}transfer-encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0a \r\n0123456789\r\n0\r\nx-trailer: 1\r\n\r\n`, expected: { body: 'abc0123456789', isComplete: true, staysOpen: true } },
    { what: 'a body that ends with the connection', text: `${OK}content-type: text/plain\r\n\r\nall of it`, expected: { body: 'all of it', isComplete: true, staysOpen: false } },
    { what: 'lines without carriage returns', text: 'HTTP/1.0 200 OK\ncontent-length: 2\n\nhi', expected: { body: 'hi', isComplete: true, staysOpen: false } },
    { what: 'version 1.0 that keeps the connection', text: 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nhi', expected: { body: 'hi', isComplete: true, staysOpen: true } },
    { what: 'a connection that will be closed', text: `${OK}connection: close\r\ncontent-length: 2\r\n\r\nhi`, expected: { body: 'hi', isComplete: true, staysOpen: false } },
    { what: 'interim answers before the one that counts', text: `HTTP/1.1 100 Continue\r\nx: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, expected: { status: 200, headers: { 'content-length': '2' }, body: 'hi', isComplete: true, staysOpen: true } },
    { what: 'a length said twice', text: `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`, expected: { body: 'hi', isComplete: true } },
    { what: 'an empty body', text: `${OK}content-length: 0\r\n\r\n`, expected: { body: '', isComplete: true, staysOpen: true } },
    { what: 'an answer without a body', text: 'HTTP/1.1 204 No Content\r\n\r\n', expected: { status: 204, body: '', isComplete: true, staysOpen: true } },
    { what: 'a reason of several words, and none', text: 'HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n', expected: { status: 404, isComplete: true } },
    { what: 'more than the answer, which spoils the connection', text: `${OK}content-length: 2\r\n\r\nhigh`, expected: { body: 'hi', isComplete: true, staysOpen: false } },
    { what: 'a body that is cut off', text: `${OK}content-length: 5\r\n\r\nhel`, expected: { body: 'hel', isComplete: false } },
    { what: 'chunks that are cut off', text: `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`, expected: { body: 'abc', isComplete: false } },
  ] as const) {
    it(`reads ${what}, however it is divided`, () => {
      const length = Buffer.byteLength(text, 'latin1');
      for (const piece of [1, 2, 3, 7, length - 1, length]) {
        const found = read(text, piece);
        // What comes behind an answer later is the connection's to see.
        const names = (Object.keys(expected) as (keyof Read)[]).filter((name) => piece === length || name !== 'staysOpen' || expected.body !== 'hi' || !text.endsWith('high'));
        for (const name of names) assert.deepEqual(found[name], (expected as Partial<Read>)[name], `${name}, in pieces of ${piece}`);
      }
    });
  }

  for (const { what, text, error } of [
    { what: 'what is not HTTP', text: 'SSH-2.0-OpenSSH\r\n', error: /no HTTP\/1\.1: "SSH-2\.0/ },
    { what: 'HTTP/2', text: 'HTTP/2 200\r\n\r\n', error: /no HTTP\/1\.1/ },
    { what: 'a header without a name', text: `${OK}: x\r\n\r\n`, error: /a header without a name/ },
    { what: 'lengths that differ', text: `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`, error: /content-length/ },
    { what: 'a length that is none', text: `${OK}content-length: -2\r\n\r\nhi`, error: /content-length/ },
    { what: 'another transfer encoding', text: `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, error: /transfer encoding/ },
    { what: 'a chunk without a length', text: `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\n`, error: /a chunk without a length/ },
    { what: 'a chunk whose length is too long', text: `${OK}transfer-encoding: chunked\r\n\r\n${'0'.repeat(5000)}`, error: /a chunk without a length/ },
    { what: 'a chunk longer than it says', text: `${OK}transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n`, error: /a chunk longer than it says/ },
    { what: 'headers without end', text: `${OK}${'x: y\r\n'.repeat(20_000)}`, error: /headers of more than 65536 bytes/ },
    { what: 'one header without end', text: `${OK}x: ${'y'.repeat(70_000)}`, error: /headers of more than 65536 bytes/ },
    { what: 'interim answers without end', text: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(5000), error: /headers of more than 65536 bytes/ },
  ]) {
    it(`refuses ${what}`, () => {
      for (const piece of [1, 64, 1 << 20]) assert.throws(() => read(text, piece), error);
    });
  }

  it('stops at the head of an answer that is not wanted', () => {
    assert.deepEqual(read(`HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\n\r\nhello`, 1000, false), { status: 500, headers: { 'content-length': '5' }, body: '', isComplete: true, staysOpen: false });
  });
});
