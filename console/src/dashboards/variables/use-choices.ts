import { useMemo } from 'react';
import { labelValues } from '../../api/prometheus.js';
import { useClient } from '../../api/context.js';
import { useLoad } from '../../api/use-load.js';
import { interpolate } from './interpolate.js';
import type { Dashboard } from '../model.js';
import { chosenValues, offeredValues } from './variables.js';
import type { Choice, Variable } from './variables.js';

export interface Choices {
  readonly choices: readonly Choice[] | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Fills the variables one after the other, since a later one's query may name an earlier one; the address says what is chosen (`var-name=value`). */
export function useChoices(dashboard: Dashboard, params: URLSearchParams, range: { readonly fromMs: number; readonly toMs: number }): Choices {
  const client = useClient();
  const wanted = dashboard.variables.map(({ name }) => [name, params.getAll(`var-${name}`)] as const);
  // Which values there are depends on earlier choices and, roughly, on the range.
  const key = JSON.stringify([wanted, Math.round(range.fromMs / 60_000), Math.round(range.toMs / 60_000)]);
  const loaded = useLoad(key, async (signal) => {
    const choices: Choice[] = [];
    for (const variable of dashboard.variables) {
      const options = await optionsOf(variable, choices, (label, match) => labelValues(client, label, match, range, signal));
      choices.push({ variable, options, chosen: [] });
      choices[choices.length - 1] = { variable, options, chosen: chosenValues(variable, params.getAll(`var-${variable.name}`), options) };
    }
    return choices;
  });
  // A choice is seen at once, before the options are loaded anew.
  const choices = useMemo(
    () => loaded.data?.map((choice) => ({ ...choice, chosen: chosenValues(choice.variable, params.getAll(`var-${choice.variable.name}`), choice.options) })),
    [loaded.data, params.toString()],
  );
  return { choices, error: loaded.error, loading: loaded.loading, reload: loaded.reload };
}

async function optionsOf(variable: Variable, before: readonly Choice[], load: (label: string, match: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  const { source } = variable;
  if (source.kind === 'fixed') return source.values;
  if (source.kind === 'none') return [];
  return offeredValues(await load(source.label, interpolate(source.match, before, null)), source.regex, source.descending);
}
