/** The environment of a process, read as the OpenTelemetry specification says: blank is unset, text is trimmed. */
export class Environment {
  readonly #values: Readonly<Record<string, string | undefined>>;
  readonly #problems: string[] = [];

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.#values = values;
  }

  /** What could not be understood, each with the name, what was used instead and what is needed. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  text(name: string): string | undefined {
    const value = this.#values[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** The first of `names` that is set. */
  firstText(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.text(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** True for `true` in any case; also for `1`, which people write for switches of our own. */
  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase();
    return value === 'true' || (name.startsWith('SIGNALBOX_') && value === '1');
  }

  list(name: string): readonly string[] {
    return (this.text(name) ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  }

  /** A whole number from `least` on; anything else is a problem, and the default is used. */
  whole(name: string, fallback: number, least = 1): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    this.problem(`${name} is "${text}", but a whole number of at least ${least} is needed; ${fallback} is used`);
    return fallback;
  }

  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const match = allowed.find((value) => value === text.toLowerCase());
    if (match !== undefined) return match;
    this.problem(`${name} is "${text}", but one of ${allowed.join(', ')} is needed; ${fallback} is used`);
    return fallback;
  }

  problem(text: string): void {
    this.#problems.push(text);
  }
}
