import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { z } from 'zod';
import type { Logger } from '../component.js';
import { duration } from '../config/duration.js';
import { refused, withoutEffect } from '../config/foreign.js';
import { greetBeforeTls, type Greeted, type TlsGreetingOptions } from './tls-greeting.js';

const VERSIONS = ['1.2', '1.3'] as const;
const CHECK_EXPIRY_MS = 3_600_000;
const EXPIRES_SOON_MS = 7 * 86_400_000;

/** The `tls` section of what listens, with the OpenTelemetry Collector's keys (configtls, server). */
export const serverTlsSchema = z
  .strictObject({
    cert_file: z.string().min(1).describe('PEM file of the certificate, with the intermediate ones behind it. TLS is spoken, and nothing else, where it is set.'),
    key_file: z.string().min(1).describe('PEM file of its key.'),
    client_ca_file: z.string().min(1).optional().describe('PEM file of authorities; clients must show a certificate that one of them signed (mTLS).'),
    min_version: z.enum(VERSIONS).default('1.2').describe('Lowest TLS version.'),
    max_version: z.enum(VERSIONS).optional().describe('Highest TLS version.'),
    reload_interval: duration({ minMs: 100 }).default(60_000).describe('How often the files are looked at for changes; new connections have the new ones.'),
    client_ca_file_reload: withoutEffect('the file is looked at like the others.'),
    ca_file: withoutEffect('the authorities of clients stand in client_ca_file.'),
    cert_pem: refused('write it into a file: cert_file.'),
    key_pem: refused('write it into a file: key_file.'),
    ca_pem: refused('write it into a file: client_ca_file.'),
    cipher_suites: refused('those of Node.js are spoken; start it with --tls-cipher-list (in NODE_OPTIONS) to change them.'),
    include_insecure_cipher_suites: refused('insecure ciphers are not spoken.'),
    curve_preferences: refused('those of Node.js are spoken.'),
    tpm: refused('give the key as a file: key_file.'),
  })
  .refine(({ min_version, max_version }) => max_version === undefined || max_version >= min_version, { message: 'max_version is lower than min_version.' });

export type ServerTlsConfig = z.output<typeof serverTlsSchema>;

/** Certificate or key cannot be used; the text names file, setting and remedy. */
export class TlsFailed extends Error {
  readonly code = 'SBX_TLS_FILE';
  constructor(what: string, message: string, cause?: unknown) {
    super(`${what}: ${message}`, { cause });
    this.name = 'TlsFailed';
  }
}

export interface ServerTlsContext {
  /** For people: `OTLP over gRPC`. */
  readonly what: string;
  readonly logger: Logger;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * The certificates of what listens at one endpoint: read and checked before it does, looked at again as long as it does. Files that cannot be used
 * then change nothing, and that is said.
 */
export class ServerTls {
  readonly #config: ServerTlsConfig;
  readonly #context: ServerTlsContext;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #servers: Pick<Server, 'setSecureContext'>[] = [];
  readonly #greeted: Greeted[] = [];
  #stamp = '';
  #refused = '';
  #expiresMs = Infinity;

  constructor(config: ServerTlsConfig, context: ServerTlsContext) {
    this.#config = config;
    this.#context = context;
  }

  /** What a TLS server is created with; its certificate comes by load(). */
  serverOptions(): { readonly requestCert: boolean; readonly rejectUnauthorized: boolean; readonly handshakeTimeout: number } {
    const mutual = this.#config.client_ca_file !== undefined;
    return { requestCert: mutual, rejectUnauthorized: mutual, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  }

  /** Tells clients of the server that do not speak TLS. */
  greet(server: Server, options: TlsGreetingOptions): void {
    this.#greeted.push(greetBeforeTls(server, options));
  }

  /** Gives the files to the server, and gives it changed ones until stop(). @throws TlsFailed */
  load(server: Pick<Server, 'setSecureContext'>): void {
    this.#stamp = this.#stampOf();
    server.setSecureContext(this.#read());
    this.#servers.push(server);
    if (this.#timers.length > 0) return;
    this.#warnOfExpiry();
    this.#timers.push(setInterval(() => this.#reload(), this.#config.reload_interval).unref());
    this.#timers.push(setInterval(() => this.#warnOfExpiry(), CHECK_EXPIRY_MS).unref());
  }

  /** No more connections come: files are not looked at any more, and who has said nothing yet is not waited for. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const greeted of this.#greeted) greeted.endSilent();
  }

  /** Ends all connections. */
  endAll(): void {
    for (const greeted of this.#greeted) greeted.endAll();
  }

  #reload(): void {
    const { what, logger } = this.#context;
    let stamp = '';
    try {
      stamp = this.#stampOf();
      if (stamp === this.#stamp || stamp === this.#refused) return;
      const options = this.#read();
      for (const server of this.#servers) server.setSecureContext(options);
    } catch (error) {
      if (stamp === '' && this.#refused === 'unreadable') return;
      this.#refused = stamp === '' ? 'unreadable' : stamp;
      logger.warn('changed TLS files cannot be used; the ones before stay in use', { code: 'SBX_TLS_RELOAD', what, error: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.#stamp = stamp;
    this.#refused = '';
    logger.info('changed TLS files are in use for new connections', { what, certificate: this.#config.cert_file });
    this.#warnOfExpiry();
  }

  #warnOfExpiry(): void {
    const leftMs = this.#expiresMs - Date.now();
    if (leftMs > EXPIRES_SOON_MS) return;
    const { what, logger } = this.#context;
    const until = new Date(this.#expiresMs).toISOString();
    if (leftMs <= 0) logger.error('the TLS certificate has expired: clients will refuse it; put a new one in its place, it is taken over without a restart', { code: 'SBX_TLS_EXPIRED', what, certificate: this.#config.cert_file, until });
    else logger.warn('the TLS certificate expires soon; put a new one in its place, it is taken over without a restart', { code: 'SBX_TLS_EXPIRED', what, certificate: this.#config.cert_file, until });
  }

  #stampOf(): string {
    const { cert_file, key_file, client_ca_file } = this.#config;
    return Object.entries({ cert_file, key_file, client_ca_file })
      .map(([setting, file]) => {
        if (file === undefined) return '';
        const { mtimeMs, size, ino } = this.#ofFile(setting, file, () => statSync(file));
        return `${mtimeMs}:${size}:${ino}`;
      })
      .join(' ');
  }

  #read(): SecureContextOptions {
    const { cert_file, key_file, client_ca_file, min_version, max_version } = this.#config;
    const { what } = this.#context;
    const cert = this.#ofFile('cert_file', cert_file, () => readFileSync(cert_file));
    const certificate = this.#ofFile('cert_file', cert_file, () => new X509Certificate(cert));
    const key = this.#ofFile('key_file', key_file, () => readFileSync(key_file));
    const privateKey: KeyObject = this.#ofFile('key_file', key_file, () => createPrivateKey(key));
    if (!certificate.checkPrivateKey(privateKey)) throw new TlsFailed(what, `the key in ${key_file} (key_file) is not that of the first certificate in ${cert_file} (cert_file): put the server's own certificate first, or give the key that belongs to it`);
    const ca = client_ca_file === undefined ? undefined : this.#ofFile('client_ca_file', client_ca_file, () => readFileSync(client_ca_file));
    if (ca !== undefined) this.#ofFile('client_ca_file', client_ca_file ?? '', () => new X509Certificate(ca));
    const options: SecureContextOptions = { cert, key, minVersion: `TLSv${min_version}`, ...(max_version === undefined ? {} : { maxVersion: `TLSv${max_version}` }), ...(ca === undefined ? {} : { ca }) };
    this.#ofFile('cert_file', cert_file, () => createSecureContext(options));
    this.#expiresMs = Date.parse(certificate.validTo);
    return options;
  }

  #ofFile<T>(setting: string, file: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const reason = code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'may not be read by this user' : `cannot be used (${error instanceof Error ? error.message : String(error)}): it takes PEM, a key without a passphrase`;
      throw new TlsFailed(this.#context.what, `${file} (${setting}) ${reason}`, error);
    }
  }
}
