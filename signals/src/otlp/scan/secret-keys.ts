/** What is overwritten in an attribute's strings: nothing, the password of URLs and connection strings, or all. */
export const COVER_NOTHING = 0;
export const COVER_PASSWORD = 1;
export const COVER_ALL = 2;
export type Cover = typeof COVER_NOTHING | typeof COVER_PASSWORD | typeof COVER_ALL;

/** Attribute names whose values are overwritten unless the configuration names others. */
export const DEFAULT_SECRET_KEYS: readonly string[] = [
  'authorization', 'proxy-authorization', 'cookie', 'set-cookie',
  'http.request.header.authorization', 'http.request.header.proxy-authorization', 'http.request.header.proxy_authorization',
  'http.request.header.cookie', 'http.response.header.set-cookie', 'http.response.header.set_cookie',
  'http.request.header.x-api-key', 'http.request.header.x_api_key',
  'http.request.header.x-auth-token', 'http.request.header.x_auth_token',
  'rpc.grpc.request.metadata.authorization', 'rpc.request.metadata.authorization',
  'x-api-key', 'x-auth-token', 'api_key', 'api-key', 'apikey',
  'password', 'passwd', 'pwd', 'passphrase', 'db.password',
  'secret', 'client_secret', 'client-secret', 'secret_key', 'secret_access_key', 'aws_secret_access_key',
  'token', 'access_token', 'refresh_token', 'id_token', 'auth_token', 'bearer_token', 'session_token',
  'private_key', 'private-key', 'credentials',
];

/** Attribute names whose values may hold a password within a URL or a connection string. */
export const DEFAULT_URL_KEYS: readonly string[] = [
  'url.full', 'url.original', 'http.url', 'db.connection_string', 'server.url', 'messaging.url',
];

interface Name {
  /** ASCII letters in lower case. */
  readonly bytes: Uint8Array;
  readonly cover: Cover;
}

/** Names longer than this cannot be listed. */
const MAX_NAME_BYTES = 255;

/**
 * The attribute names whose values are overwritten before they reach disk, to be built once. ASCII letters match in
 * either case. A key is compared as bytes: its length, last and first letter settle nearly every attribute.
 */
export class SecretKeys {
  /** By length: bit i says that a name of this length begins (ends) with a byte b where (b & 31) is i, in either case. */
  private readonly firstLetters = new Int32Array(MAX_NAME_BYTES + 1);
  private readonly lastLetters = new Int32Array(MAX_NAME_BYTES + 1);
  private readonly byLength: Name[][] = [];

  /** @throws RangeError for a name that is empty or longer than 255 bytes */
  constructor(secretKeys: readonly string[] = DEFAULT_SECRET_KEYS, urlKeys: readonly string[] = DEFAULT_URL_KEYS) {
    for (const key of urlKeys) this.add(key, COVER_PASSWORD);
    for (const key of secretKeys) this.add(key, COVER_ALL);
  }

  private add(key: string, cover: Cover): void {
    const bytes = Buffer.from(key).map(lowerCase);
    const length = bytes.length;
    if (length === 0 || length > MAX_NAME_BYTES) {
      throw new RangeError(`a secret attribute's name has 1 to ${MAX_NAME_BYTES} bytes, not ${length}: "${key.slice(0, 40)}"`);
    }
    this.firstLetters[length] |= 1 << (bytes[0] & 31);
    this.lastLetters[length] |= 1 << (bytes[length - 1] & 31);
    // Before the others, so that a name given as a secret wins over the same as a URL.
    (this.byLength[length] ??= []).unshift({ bytes, cover });
  }

  /** What the key in `bytes` from `start` to `end` demands. */
  coverOf(bytes: Uint8Array, start: number, end: number): Cover {
    const length = end - start;
    if (length === 0 || length > MAX_NAME_BYTES) return COVER_NOTHING;
    if ((this.lastLetters[length] & (1 << (bytes[end - 1] & 31))) === 0) return COVER_NOTHING;
    if ((this.firstLetters[length] & (1 << (bytes[start] & 31))) === 0) return COVER_NOTHING;
    return this.compare(bytes, start, length);
  }

  private compare(bytes: Uint8Array, start: number, length: number): Cover {
    for (const name of this.byLength[length]) {
      let i = 0;
      while (i < length && lowerCase(bytes[start + i]) === name.bytes[i]) i++;
      if (i === length) return name.cover;
    }
    return COVER_NOTHING;
  }
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
