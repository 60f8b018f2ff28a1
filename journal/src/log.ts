/** Where the journal tells what people should know; the rest of the product's logger fits. */
export interface JournalLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const nothing = (): void => undefined;
export const silent: JournalLogger = { info: nothing, warn: nothing, error: nothing };
