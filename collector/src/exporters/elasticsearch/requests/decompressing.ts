import { gunzipSync } from 'node:zlib';
import type * as elasticsearchPackage from '@elastic/elasticsearch';

type ConnectionClass = typeof elasticsearchPackage.UndiciConnection;
type Request = InstanceType<ConnectionClass>['request'];
type Params = Parameters<Request>[0];
type StreamOptions = Parameters<Request>[1];
type StreamAnswer = Awaited<ReturnType<Request>>;
type Options = Omit<StreamOptions, 'asStream'>;
type Answer = Pick<StreamAnswer, 'headers' | 'statusCode'> & { body: string | Buffer };

/** Compressed, and not: what is larger is left to the transport, which takes its time for it in other threads. */
const MAX_COMPRESSED_BYTES = 32 * 1024;
const MAX_BYTES = 4 * 1024 * 1024;
/** Answers about thousands of documents fit into a few. */
const CHUNK_BYTES = 128 * 1024;

/**
 * The connection, which decompresses small answers itself and at once. The transport would hand each 16 KB to another thread and wait for
 * it, which takes longer than to decompress all.
 */
export function decompressing(Connection: ConnectionClass): ConnectionClass {
  return class extends Connection {
    override request(params: Params, options: Options): Promise<Answer>;
    override request(params: Params, options: StreamOptions): Promise<StreamAnswer>;
    override async request(params: Params, options: Options): Promise<Answer | StreamAnswer> {
      const answer: Answer | StreamAnswer = await super.request(params, options);
      const { headers, body } = answer;
      if (!Buffer.isBuffer(body) || body.length > MAX_COMPRESSED_BYTES || headers['content-encoding'] !== 'gzip' || headers['content-type']?.includes('json') !== true) return answer;
      const text = decompressed(body);
      if (text === null) return answer;
      const { 'content-encoding': _, ...others } = headers;
      return { statusCode: answer.statusCode, headers: others, body: text };
    }
  };
}

/** Null: not by us. */
function decompressed(body: Buffer): string | null {
  try {
    return gunzipSync(body, { chunkSize: CHUNK_BYTES, maxOutputLength: MAX_BYTES }).toString();
  } catch {
    return null; // the transport says what is wrong with it
  }
}
