import { ApiError, errorText, remedyFor } from './errors.js';
import type { Json } from './json.js';
import type { Session } from './session.js';

export type Params = Readonly<Record<string, string | number | undefined>> | readonly (readonly [string, string])[];

/** Asks the APIs of the appliance that served the page. */
export class Client {
  constructor(readonly session: Session, readonly fetch: (url: string, init: RequestInit) => Promise<Response>) {}

  /** The JSON that `path` answers. Throws ApiError, or the signal's reason. */
  async get(path: string, params: Params, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
    const token = this.session.state().token;
    const url = withParams(path, params);
    let response: Response;
    try {
      response = await this.fetch(url, {
        signal, headers: { accept: 'application/json', ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ApiError(0, 'The appliance does not answer.', remedyFor(0));
    }
    const body = await response.text();
    if (response.status === 401) this.session.refuse(token);
    if (!response.ok) throw new ApiError(response.status, errorText(body, response.status), remedyFor(response.status));
    try {
      return JSON.parse(body) as Json;
    } catch {
      throw new ApiError(response.status, `The answer of ${path} is not JSON.`, remedyFor(500));
    }
  }
}

/** Parameters that are empty or absent are left out. */
export function withParams(path: string, params: Params): string {
  const search = new URLSearchParams();
  const pairs = Array.isArray(params) ? (params as readonly (readonly [string, string])[]) : Object.entries(params);
  for (const [name, value] of pairs) if (value !== undefined && value !== '') search.append(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
