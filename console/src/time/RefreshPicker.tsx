import { ReloadIcon } from '../design/icons.js';
import { refreshes } from './refresh.js';
import './refresh-picker.css';

/** Asks anew, now or regularly. */
export function RefreshPicker({ refresh, choose, now }: { readonly refresh: string; readonly choose: (refresh: string) => void; readonly now: () => void }) {
  return (
    <div className="refresh-picker">
      <button type="button" className="button icon" title="Refresh" aria-label="Refresh" onClick={now}><ReloadIcon /></button>
      <select className="select refresh" aria-label="Refresh every" title="How often to ask anew" value={refresh} onChange={(event) => { choose(event.target.value); }}>
        {[...new Set([...refreshes, refresh])].map((one) => <option key={one} value={one}>{one === '' ? 'Off' : one}</option>)}
      </select>
    </div>
  );
}
