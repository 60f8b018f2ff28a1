import { request } from 'node:http';

export interface AskOptions {
  readonly timeoutMs: number;
  /** The answer may have so many bytes. */
  readonly maxBytes: number;
}

/** Asks the receive role over its local socket for what is there as JSON. @throws when it is not reached, or answers otherwise */
export async function askReceive(socketPath: string, path: string, { timeoutMs, maxBytes }: AskOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath, path, timeout: timeoutMs }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) ask.destroy(new Error('the answer of the receive role is too long'));
        chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(`the receive role answered ${answer.statusCode}`));
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      });
    });
    ask.on('timeout', () => ask.destroy(new Error('the receive role did not answer in time')));
    ask.on('error', reject);
    ask.end();
  });
}
