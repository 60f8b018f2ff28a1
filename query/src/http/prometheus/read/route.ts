import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { compress } from 'snappy';
import { compareLabels } from '../../../labels/labels.js';
import { withHints } from '../../../promql/histogram/hints.js';
import type { ReadContext, Series } from '../../../readers.js';
import type { Serving } from '../../serving.js';
import { prometheusError } from '../errors.js';
import { chunksOf } from './chunks.js';
import type { Chunk } from './chunks.js';
import { crc32c } from './crc32c.js';
import type { ReadRequest } from './request.js';
import { ReadRequestError, decodeReadRequest } from './request.js';
import { encodeChunks, encodeSamples } from './response.js';

/** A request, compressed or not, as in Prometheus. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** Chunks of a series that go into one frame; Prometheus' own default. */
const FRAME_BYTES = 1024 * 1024;

/** Remote read (`POST /api/v1/read`): samples, or a stream of Prometheus' chunks, whichever the client accepts first. */
export function remoteRead(serving: Serving): FastifyPluginAsync {
  const { maxSeries, maxSamples } = serving.limits;

  const select = async (context: ReadContext, { queries }: ReadRequest): Promise<Series[][]> => {
    const results: Series[][] = [];
    let left = maxSamples;
    for (const { startMs, endMs, matchers } of queries) {
      // Who names nothing gets nothing.
      if (matchers.length === 0) {
        results.push([]);
        continue;
      }
      const found = await serving.readers.series.select(context, { startMs, endMs, matchers, maxSeries, maxSamples: left });
      for (const { timesMs } of found) left -= timesMs.length;
      results.push(found.map((series) => withHints(series, false)).sort((a, b) => compareLabels(a.labels, b.labels)));
    }
    return results;
  };

  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_REQUEST_BYTES }, (_request, body, done) => { done(null, body); });
    app.setErrorHandler((error, _request, reply) => {
      const { status, error: text } = prometheusError(error);
      return reply.code(error instanceof ReadRequestError ? error.status : status === 422 ? 400 : status).header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(`${text}\n`);
    });

    app.post('/api/v1/read', async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const asked = await decodeReadRequest(body, MAX_REQUEST_BYTES);
      const results = await serving.query(request, reply, (context) => select(context, asked));
      if (asked.responseType === 'samples') {
        return reply.headers({ 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }).send(await compress(Buffer.from(encodeSamples(results))));
      }
      return reply.header('content-type', 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse').send(Readable.from(frames(results), { objectMode: false }));
    });
  };
}

/** Frame by frame: length as a varint, checksum, message. One series at most in each. */
function* frames(results: readonly (readonly Series[])[]): Generator<Buffer> {
  for (const [queryIndex, result] of results.entries()) {
    for (const series of result) {
      let held: Chunk[] = [];
      let bytes = 0;
      for (const chunk of chunksOf(series)) {
        held.push(chunk);
        bytes += chunk.data.length;
        if (bytes < FRAME_BYTES) continue;
        yield frame(encodeChunks(series.labels, held, queryIndex));
        held = [];
        bytes = 0;
      }
      if (held.length > 0) yield frame(encodeChunks(series.labels, held, queryIndex));
    }
  }
}

function frame(message: Uint8Array): Buffer {
  const head: number[] = [];
  let length = message.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) head.push((length & 0x7f) | 0x80);
  head.push(length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32c(message));
  return Buffer.concat([Buffer.from(head), checksum, message]);
}
