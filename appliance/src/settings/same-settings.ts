import type { Configuration } from './configuration.js';
import type { ApplianceSections } from './sections.js';

/** Whether two configurations agree in these sections, and in how logs are written. */
export function sameSettings(a: Configuration, b: Configuration, sections: readonly (keyof ApplianceSections)[]): boolean {
  const part = (config: Configuration): string => JSON.stringify([config.telemetry, sections.map((name) => config.sections[name])]);
  return part(a) === part(b);
}
