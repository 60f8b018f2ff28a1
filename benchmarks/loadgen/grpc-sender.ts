import * as http2 from 'node:http2';

/** The 5 bytes of prefix, and an empty partial_success, which the Collector sends. */
const MOST_WITHOUT_REJECTION = 7;

/** One HTTP/2 connection for unary gRPC calls, so thin that the receiver is what is measured. */
export class GrpcSender {
  readonly #session: http2.ClientHttp2Session;

  constructor(url: string, readonly method: string) {
    this.#session = http2.connect(url, { settings: { initialWindowSize: 4 << 20, enablePush: false } });
    this.#session.on('error', () => {});
  }

  /** Settles with null when the call was accepted whole, else with what the server said. */
  send(message: Buffer): Promise<string | null> {
    return new Promise((resolve) => {
      const stream = this.#session.request({ ':method': 'POST', ':path': this.method, 'content-type': 'application/grpc', te: 'trailers' });
      let status: string | undefined;
      let answered = 0;
      stream.on('response', (headers) => { status ??= headers['grpc-status'] as string | undefined; });
      stream.on('trailers', (trailers) => { status = trailers['grpc-status'] as string | undefined; });
      stream.on('data', (chunk: Buffer) => { answered += chunk.length; });
      stream.on('error', (error) => resolve(error.message));
      // Longer answers tell of rejected items.
      stream.on('end', () => resolve(status === '0' ? (answered <= MOST_WITHOUT_REJECTION ? null : 'partial success') : `grpc-status ${status}`));
      const prefix = Buffer.allocUnsafe(5);
      prefix[0] = 0;
      prefix.writeUInt32BE(message.length, 1);
      stream.write(prefix);
      stream.end(message);
    });
  }

  close(): void {
    this.#session.close();
  }
}
