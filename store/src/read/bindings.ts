/** Values bound to a statement's parameters, in order. */
export class Bindings {
  readonly values: (string | number | bigint | boolean)[] = [];

  /** Answers the placeholder. */
  bind(value: string | number | bigint | boolean): string {
    return `$${this.values.push(value)}`;
  }
}
