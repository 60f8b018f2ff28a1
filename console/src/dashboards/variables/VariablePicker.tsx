import { useCallback, useState } from 'react';
import { DownIcon } from '../../design/icons.js';
import { Popover } from '../../design/Popover.js';
import { ALL } from './variables.js';
import type { Choice } from './variables.js';

/** Chooses one or several values of a variable. */
export function VariablePicker({ choice, change }: { readonly choice: Choice; readonly change: (chosen: readonly string[]) => void }) {
  const { variable, chosen, options } = choice;
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const close = useCallback(() => { setOpen(false); }, []);
  if (variable.hidden) return null;
  const all = chosen.includes(ALL);
  const label = all ? 'All' : chosen.length === 0 ? 'none' : chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(', ');
  const toggle = (value: string): void => {
    if (!variable.multi) {
      change([value]);
      close();
      return;
    }
    const kept = chosen.filter((one) => one !== ALL && one !== value);
    const next = !all && chosen.includes(value) ? kept : [...kept, value];
    change(next.length === 0 && variable.includeAll ? [ALL] : next);
  };
  const shown = options.filter((value) => value.toLowerCase().includes(text.trim().toLowerCase()));
  const trigger = (
    <button type="button" className="button" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(!open); setText(''); }}>
      <span className="muted">{variable.label}</span><span className="variable-value">{label}</span><DownIcon />
    </button>
  );
  return (
    <Popover open={open} close={close} label={variable.label} trigger={trigger}>
      <div className="variable-popover">
        {options.length > 8 && <input className="input" type="search" autoFocus placeholder="Filter" aria-label={`Filter ${variable.label}`} value={text} onChange={(event) => { setText(event.target.value); }} />}
        <div className="options">
          {variable.includeAll && <Option name="All" on={all} multi={variable.multi} press={() => { change([ALL]); if (!variable.multi) close(); }} />}
          {shown.map((value) => <Option key={value} name={value} on={!all && chosen.includes(value)} multi={variable.multi} press={() => { toggle(value); }} />)}
        </div>
        {options.length === 0 && <p className="field-hint">{variable.source.kind === 'none' ? `Not filled: ${variable.source.fault}.` : 'No values in this time range.'}</p>}
      </div>
    </Popover>
  );
}

function Option({ name, on, multi, press }: { readonly name: string; readonly on: boolean; readonly multi: boolean; readonly press: () => void }) {
  return multi
    ? <label><input type="checkbox" checked={on} onChange={press} />{name}</label>
    : <button type="button" aria-pressed={on} onClick={press}>{name}</button>;
}
