import { readFileSync, statSync } from 'node:fs';
import { rootCertificates, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { refused } from '../../config/foreign.js';

/** The `tls` section of an exporter, with the OpenTelemetry Collector's keys (configtls). */
export const tlsSchema = z
  .strictObject({
    insecure: z.boolean().optional().describe('Whether to speak without TLS where the endpoint has no scheme.'),
    insecure_skip_verify: z.boolean().default(false).describe('Whether to accept any certificate. For tests only.'),
    ca_file: z.string().min(1).optional().describe('PEM file of the authorities to trust instead of the system\'s.'),
    ca_pem: z.string().min(1).optional().describe('The same as text instead of a file.'),
    include_system_ca_certs_pool: z.boolean().default(false).describe('Whether the authorities that Node.js trusts are trusted beside those of ca_file or ca_pem.'),
    cert_file: z.string().min(1).optional().describe('PEM file of the client\'s certificate (mTLS); needs key_file.'),
    cert_pem: z.string().min(1).optional().describe('The same as text instead of a file; needs key_pem.'),
    key_file: z.string().min(1).optional().describe('PEM file of the client\'s key; needs cert_file.'),
    key_pem: z.string().min(1).optional().describe('The same as text instead of a file; best from the environment.'),
    server_name_override: z.string().min(1).optional().describe('Name to expect in the server\'s certificate.'),
    min_version: z.enum(['1.2', '1.3']).default('1.2').describe('Lowest TLS version.'),
    max_version: z.enum(['1.2', '1.3']).optional().describe('Highest TLS version.'),
    cipher_suites: refused('those of Node.js are spoken; start it with --tls-cipher-list (in NODE_OPTIONS) to change them.'),
    include_insecure_cipher_suites: refused('insecure ciphers are not spoken.'),
    curve_preferences: refused('those of Node.js are spoken.'),
    tpm: refused('give the key as a file: key_file.'),
    reload_interval: duration({ minMs: 100 }).default(60_000).describe('How often the files are looked at for changes.'),
  })
  .refine((tls) => (tls.cert_file === undefined) === (tls.key_file === undefined), { message: 'cert_file and key_file go together: give both or neither.' })
  .refine((tls) => (tls.cert_pem === undefined) === (tls.key_pem === undefined), { message: 'cert_pem and key_pem go together: give both or neither.' })
  .refine((tls) => tls.cert_file === undefined || tls.cert_pem === undefined, { message: 'give the certificate as a file or as text, not both.' })
  .refine((tls) => tls.ca_file === undefined || tls.ca_pem === undefined, { message: 'give ca_file or ca_pem, not both.' })
  .refine(({ min_version, max_version }) => max_version === undefined || max_version >= min_version, { message: 'max_version is lower than min_version.' });

export type TlsConfig = z.output<typeof tlsSchema>;

export interface TlsOptions extends SecureContextOptions {
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

/** The certificates of a `tls` section, read when first needed and again when a file has changed. */
export class TlsFiles {
  private loaded: { readonly options: TlsOptions; readonly stamp: string } | null = null;
  private checkedMs = -Infinity;

  constructor(private readonly config: TlsConfig, private readonly monotonicMs: () => number) {}

  /**
   * Options for a new connection; the same object as long as no file changed.
   * A file that cannot be read keeps what was loaded before it.
   * @throws the file system's error where nothing was loaded yet
   */
  options(): TlsOptions {
    const nowMs = this.monotonicMs();
    if (this.loaded !== null && nowMs - this.checkedMs < this.config.reload_interval) return this.loaded.options;
    this.checkedMs = nowMs;
    try {
      const stamp = this.stamp();
      if (this.loaded?.stamp !== stamp) this.loaded = { options: this.read(), stamp };
    } catch (error) {
      if (this.loaded === null) throw error;
    }
    return this.loaded.options;
  }

  private stamp(): string {
    return [this.config.ca_file, this.config.cert_file, this.config.key_file]
      .map((file) => {
        if (file === undefined) return '';
        const { mtimeMs, size, ino } = statSync(file);
        return `${mtimeMs}:${size}:${ino}`;
      })
      .join(' ');
  }

  private read(): TlsOptions {
    const { ca_file, ca_pem, cert_file, cert_pem, key_file, key_pem, server_name_override, min_version, max_version, insecure_skip_verify, include_system_ca_certs_pool } = this.config;
    const ca = ca_file === undefined ? ca_pem : readFileSync(ca_file);
    const cert = cert_file === undefined ? cert_pem : readFileSync(cert_file);
    const key = key_file === undefined ? key_pem : readFileSync(key_file);
    return {
      rejectUnauthorized: !insecure_skip_verify,
      minVersion: `TLSv${min_version}`,
      ...(max_version === undefined ? {} : { maxVersion: `TLSv${max_version}` }),
      ...(ca === undefined ? {} : { ca: include_system_ca_certs_pool ? [ca, ...rootCertificates] : ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(server_name_override === undefined ? {} : { servername: server_name_override }),
    };
  }
}
