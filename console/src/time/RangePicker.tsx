import { useCallback, useState } from 'react';
import type { FormEvent } from 'react';
import { ClockIcon, DownIcon } from '../design/icons.js';
import { Popover } from '../design/Popover.js';
import { presets, rangeLabel, resolve, toLocalInput, zoneText } from './range.js';
import type { TimeRange } from './range.js';
import './range-picker.css';

/** A button with the present range; opens the usual ranges and two fields for any other. */
export function RangePicker({ range, choose, align = 'start' }: { readonly range: TimeRange; readonly choose: (range: TimeRange) => void; readonly align?: 'start' | 'end' }) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => { setOpen(false); }, []);
  const take = (next: TimeRange): void => {
    setOpen(false);
    choose(next);
  };
  const trigger = (
    <button type="button" className="button range-button" aria-haspopup="dialog" aria-expanded={open} aria-label={`Time range: ${rangeLabel(range, Date.now())}`} onClick={() => { setOpen(!open); }}>
      <ClockIcon /><span>{rangeLabel(range, Date.now())}</span><DownIcon />
    </button>
  );
  return (
    <Popover open={open} close={close} label="Time range" trigger={trigger} align={align}>
      <div className="range-popover">
        <div className="options">
          {presets.map((preset) => (
            <button key={preset.range.from} type="button" aria-pressed={preset.range.from === range.from && range.to === 'now'} onClick={() => { take(preset.range); }}>{preset.label}</button>
          ))}
        </div>
        <CustomRange range={range} take={take} />
      </div>
    </Popover>
  );
}

function CustomRange({ range, take }: { readonly range: TimeRange; readonly take: (range: TimeRange) => void }) {
  const now = resolve(range, Date.now());
  const [from, setFrom] = useState(() => toLocalInput(now.fromMs));
  const [to, setTo] = useState(() => toLocalInput(now.toMs));
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  const valid = fromMs < toMs;
  // Not a form of its own: the picker stands within the search form, and forms cannot be nested.
  const apply = (event: FormEvent | React.MouseEvent): void => {
    event.preventDefault();
    if (valid) take({ from: String(fromMs), to: String(toMs) });
  };
  return (
    <div className="range-custom">
      <label className="field"><span className="field-label">From</span><input className="input" type="datetime-local" step="1" value={from} onChange={(event) => { setFrom(event.target.value); }} /></label>
      <label className="field"><span className="field-label">To</span><input className="input" type="datetime-local" step="1" value={to} onChange={(event) => { setTo(event.target.value); }} /></label>
      <p className={valid ? 'field-hint' : 'field-fault'}>{valid ? `In local time, ${zoneText(new Date())}.` : 'From must be before to.'}</p>
      <button type="button" className="button" disabled={!valid} onClick={apply}>Use these</button>
    </div>
  );
}
