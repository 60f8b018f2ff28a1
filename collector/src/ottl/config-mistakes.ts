import { mistakeAt, type ConfigMistake } from '../config/error.js';
import type { ConfigPlace } from '../config/place.js';
import { OttlError } from './error.js';

/** Runs what compiles a statement, and keeps its mistake with the place in the configuration. */
export function compileAt<T>(place: ConfigPlace, mistakes: ConfigMistake[], compile: () => T): T | null {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof OttlError)) throw error;
    mistakes.push(mistakeAt(place, 'SBX_CONFIG_BAD_VALUE', error.message, { nearest: error.nearest }));
    return null;
  }
}
