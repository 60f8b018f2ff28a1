/** Which methods a path has: another one is answered with 405, as Prometheus' router does it. */
export class Routes {
  readonly #patterns = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** `url`: as fastify has it, with its prefix; `:name` stands for one part. */
  add(method: string | readonly string[], url: string): void {
    if (url.includes('*')) return;
    let known = this.#patterns.get(url);
    if (known === undefined) {
      const pattern = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.\\+?^$()[\]{}|]/g, '\\$&'))).join('/');
      this.#patterns.set(url, known = { pattern: new RegExp(`^${pattern}$`), methods: new Set() });
    }
    for (const one of typeof method === 'string' ? [method] : method) if (one !== 'HEAD' || asksHealth(url)) known.methods.add(one);
  }

  /** Empty where there is no such path. */
  methodsOf(path: string): string[] {
    const found = [...this.#patterns.values()].find(({ pattern }) => pattern.test(path));
    return found === undefined ? [] : [...found.methods, 'OPTIONS'].sort();
  }
}

/** Heads are asked of health alone. */
export function asksHealth(url: string): boolean {
  return /\/-\/(healthy|ready)(\?|$)/.test(url);
}
