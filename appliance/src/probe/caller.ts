import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { ApplianceError } from '../errors.js';

/** Files of the command line: whom to trust, and what to show. */
export interface CallerFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface CallerTls extends SecureContextOptions {
  /** The name that certificates must have; without, that of the address. */
  readonly servername?: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** How the appliance is spoken to: with whose certificates, where it speaks TLS. */
export class Caller {
  constructor(readonly tls: CallerTls = {}) {}

  /**
   * @param url of port 4319: where it has a name, the certificates of the other ports, which are known by address, must have it too
   * @throws ApplianceError SBX_TLS_FILE
   */
  static of({ caFile, certFile, keyFile }: CallerFiles, url: string): Caller {
    const name = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
    if ((certFile === undefined) !== (keyFile === undefined)) throw new ApplianceError('SBX_TLS_FILE', '--cert-file and --key-file go together: give both or neither');
    return new Caller({
      ...(caFile === undefined ? {} : { ca: certificates(caFile) }),
      ...(certFile === undefined ? {} : { cert: certificates(certFile) }),
      ...(keyFile === undefined ? {} : { key: read(keyFile) }),
      ...(name === '' || isIP(name) !== 0 ? {} : { servername: name }),
    });
  }

  /** The same for addresses that are not the appliance's own. */
  forAnyName(): Caller {
    const { servername: _, ...tls } = this.tls;
    return new Caller(tls);
  }

  /** As the global fetch, which knows no certificates of one's own. */
  async fetch(url: URL | string, ask: Ask): Promise<Response> {
    const target = new URL(url);
    if (target.protocol !== 'https:') return fetch(target, ask);
    return new Promise((resolve, reject) => {
      const { method = 'GET', headers = {}, body, signal } = ask;
      const sent = request(target, { method, headers: { ...headers, 'content-length': String(body?.length ?? 0) }, signal, agent: false, ...this.tls }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const known = Object.entries(answer.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
          const status = answer.statusCode ?? 500;
          resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), { status, headers: known }));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** Trusts what Node.js trusts, and shows no certificate. */
export const PLAIN_CALLER = new Caller();

const TLS_ERROR = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)|certificate|ssl/i;

/** OpenSSL's own: `…:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:…` */
const OPENSSL_ERROR = /:SSL routines:[^:]*:([^:]+):/;

/** What a failed request over https says about TLS; null where it failed for another reason. */
export function tlsFailure(error: unknown): string | null {
  const { code = '', message = '' } = rootOf(error) as { code?: string; message?: string };
  // A server ends the connection without a word where it does not trust the certificate that it was shown.
  if (code === 'ECONNRESET') return 'the connection was ended; it may not trust the certificate that was shown';
  if (!TLS_ERROR.test(code) && !TLS_ERROR.test(message)) return null;
  const said = OPENSSL_ERROR.exec(message)?.[1] ?? message.trim();
  return code === '' || said.includes(code) ? said : `${said} (${code})`;
}

export const TLS_REMEDY = 'give the authority of its certificate with --ca-file (SIGNALBOX_CA_FILE), the name that stands in it with --url, and where it demands a certificate --cert-file and --key-file';

function rootOf(error: unknown): object {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null ? cause : typeof error === 'object' && error !== null ? error : {};
}

function certificates(file: string): Buffer {
  const text = read(file);
  try {
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new ApplianceError('SBX_TLS_FILE', `${file} holds no certificate in PEM (${(error as Error).message})`);
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ApplianceError('SBX_TLS_FILE', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
