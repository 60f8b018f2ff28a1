/** A form or query as Go's url.ParseQuery reads it: what is broken is left out, and the error says what was. */
export interface UrlQuery {
  readonly params: URLSearchParams;
  readonly error: string | null;
}

/** What URLSearchParams would read otherwise than Go: escapes that are none, and semicolons. */
const BROKEN = /%(?![0-9a-fA-F]{2})|;/;

export function parseUrlQuery(text: string): UrlQuery {
  if (!BROKEN.test(text)) return { params: new URLSearchParams(text), error: null };
  let error: string | null = null;
  const kept = text.split('&').filter((pair) => {
    if (pair.includes(';')) {
      error = 'invalid semicolon separator in query';
      return false;
    }
    const at = pair.search(BROKEN);
    if (at < 0) return true;
    error ??= `invalid URL escape ${JSON.stringify(pair.slice(at, at + 3).split('=', 1)[0])}`;
    return false;
  });
  return { params: new URLSearchParams(kept.join('&')), error };
}
