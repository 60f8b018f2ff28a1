import { readFileSync, statSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { duration } from '../../config/duration.js';

/** The `tls` section of an exporter, with the OpenTelemetry Collector's keys (configtls). */
export const tlsSchema = z
  .strictObject({
    insecure: z.boolean().optional().describe('Whether to speak without TLS where the endpoint has no scheme.'),
    insecure_skip_verify: z.boolean().default(false).describe('Whether to accept any certificate. For tests only.'),
    ca_file: z.string().min(1).optional().describe('PEM file of the authorities to trust instead of the system\'s.'),
    cert_file: z.string().min(1).optional().describe('PEM file of the client\'s certificate (mTLS); needs key_file.'),
    key_file: z.string().min(1).optional().describe('PEM file of the client\'s key; needs cert_file.'),
    server_name_override: z.string().min(1).optional().describe('Name to expect in the server\'s certificate.'),
    min_version: z.enum(['1.2', '1.3']).default('1.2').describe('Lowest TLS version.'),
    reload_interval: duration({ minMs: 100 }).default(60_000).describe('How often the files are looked at for changes.'),
  })
  .refine((tls) => (tls.cert_file === undefined) === (tls.key_file === undefined), { message: 'cert_file and key_file go together: give both or neither.' });

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
    const { ca_file, cert_file, key_file, server_name_override, min_version, insecure_skip_verify } = this.config;
    return {
      rejectUnauthorized: !insecure_skip_verify,
      minVersion: `TLSv${min_version}`,
      ...(ca_file === undefined ? {} : { ca: readFileSync(ca_file) }),
      ...(cert_file === undefined ? {} : { cert: readFileSync(cert_file) }),
      ...(key_file === undefined ? {} : { key: readFileSync(key_file) }),
      ...(server_name_override === undefined ? {} : { servername: server_name_override }),
    };
  }
}
