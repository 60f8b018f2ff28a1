import type { PointSeries } from './write-request.js';
import { writeRequest } from './write-request.js';

export interface ApiAnswer {
  readonly status: 'success' | 'error';
  readonly data?: unknown;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface HttpAnswer {
  readonly code: number;
  readonly type: string;
  readonly text: string;
}

/** One server with Prometheus' API, at its `/api/v1`. */
export class Side {
  constructor(readonly name: string, readonly url: string, readonly headers: Readonly<Record<string, string>> = {}) {}

  /** Remote write 1.0, a few series a request; throws what the server says against it. */
  async write(all: readonly PointSeries[], seriesPerRequest = 500): Promise<void> {
    for (let at = 0; at < all.length; at += seriesPerRequest) {
      const response = await fetch(`${this.url}/api/v1/write`, {
        method: 'POST', body: new Uint8Array(writeRequest(all.slice(at, at + seriesPerRequest))),
        headers: { ...this.headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' },
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${this.name} refused a write with ${response.status}: ${text}`);
    }
  }

  async ask(path: string, params: Readonly<Record<string, string>> | readonly (readonly [string, string])[], init: RequestInit = {}): Promise<HttpAnswer> {
    const query = new URLSearchParams((Array.isArray(params) ? params : Object.entries(params)) as [string, string][]).toString();
    const response = await fetch(`${this.url}/${path}${query === '' ? '' : `?${query}`}`, { ...init, headers: { ...this.headers, ...init.headers } });
    return { code: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  }

  /** A form, since queries may be long. */
  async query(path: 'query' | 'query_range', params: Readonly<Record<string, string>>): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(params), headers: this.headers });
    return await response.json() as ApiAnswer;
  }
}
