import { useCallback, useState } from 'react';
import { useClient } from '../api/context.js';
import { labelValues, metricMetadata } from '../api/prometheus.js';
import { useLoad } from '../api/use-load.js';
import { DownIcon } from '../design/icons.js';
import { Popover } from '../design/Popover.js';
import { resolve } from '../time/range.js';
import type { TimeRange } from '../time/range.js';
import { describeMetric, found } from './metrics.js';

/** Names that are shown at once; a filter finds the others. */
const MOST = 200;

/** Offers the metrics that have values in the range, with what is known of them. */
export function MetricPicker({ range, choose }: { readonly range: TimeRange; readonly choose: (metric: string, type: string) => void }) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => { setOpen(false); }, []);
  const trigger = <button type="button" className="button" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(!open); }}>Metrics<DownIcon /></button>;
  return (
    <Popover open={open} close={close} label="Metrics" trigger={trigger}>
      <Metrics range={range} choose={(metric, type) => { close(); choose(metric, type); }} />
    </Popover>
  );
}

function Metrics({ range, choose }: { readonly range: TimeRange; readonly choose: (metric: string, type: string) => void }) {
  const client = useClient();
  const [text, setText] = useState('');
  const names = useLoad('names', (signal) => labelValues(client, '__name__', '', resolve(range, Date.now()), signal));
  const metadata = useLoad('metadata', (signal) => metricMetadata(client, signal));
  const shown = found(names.data ?? [], text);
  return (
    <div className="metric-picker">
      <input className="input" type="search" autoFocus placeholder="Filter" aria-label="Filter metrics" spellCheck={false} value={text} onChange={(event) => { setText(event.target.value); }} />
      <div className="options" aria-busy={names.loading}>
        {shown.slice(0, MOST).map((name) => {
          const known = describeMetric(name, metadata.data ?? new Map());
          return <button key={name} type="button" title={known.help} onClick={() => { choose(name, known.type); }}><span className="metric-name">{name}</span><span className="muted">{known.type}</span></button>;
        })}
      </div>
      {shown.length > MOST && <p className="field-hint">and {(shown.length - MOST).toLocaleString('en')} more: write a part of the name</p>}
      {names.error && <p className="field-fault">{names.error.message}</p>}
      {names.data && shown.length === 0 && <p className="field-hint">{names.data.length === 0 ? 'No metrics in this time range.' : 'No metric has this in its name.'}</p>}
    </div>
  );
}
