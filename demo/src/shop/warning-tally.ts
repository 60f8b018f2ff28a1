/** The levels that count; all other lines reach the appliance only. */
const COUNTED: ReadonlySet<unknown> = new Set(['warn', 'error']);

/** Counts the warnings and errors of the services, so that a person at the terminal is not shown each of them. */
export class WarningTally {
  readonly #counts = new Map<string, number>();

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes a service's line when it is one of its log lines; answers whether it was. */
  take(service: string, line: string): boolean {
    const level = levelOf(line);
    if (level === undefined) return false;
    if (COUNTED.has(level)) this.#counts.set(service, (this.#counts.get(service) ?? 0) + 1);
    return true;
  }

  /** `7 warnings and errors so far: orders 3, storefront 4`; empty without any. */
  text(): string {
    const { total } = this;
    if (total === 0) return '';
    const services = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([service, count]) => `${service} ${count}`);
    return `${total === 1 ? '1 warning or error' : `${total} warnings and errors`} so far: ${services.join(', ')}`;
  }
}

function levelOf(line: string): unknown {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && 'level' in parsed ? parsed.level : undefined;
  } catch {
    return undefined;
  }
}
