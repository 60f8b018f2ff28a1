import { useCallback, useState } from 'react';
import { useClient } from '../api/context.js';
import { listLogLabelValues, listLogLabels } from '../api/loki.js';
import { useLoad } from '../api/use-load.js';
import { DownIcon } from '../design/icons.js';
import { Popover } from '../design/Popover.js';
import { resolve } from '../time/range.js';
import type { TimeRange } from '../time/range.js';

/** Offers the labels of the streams and their values, to narrow the query by. */
export function LabelPicker({ range, add }: { readonly range: TimeRange; readonly add: (label: string, value: string) => void }) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => { setOpen(false); }, []);
  const trigger = <button type="button" className="button" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(!open); }}>Labels<DownIcon /></button>;
  return (
    <Popover open={open} close={close} label="Labels" trigger={trigger}>
      <Labels range={range} add={(label, value) => { close(); add(label, value); }} />
    </Popover>
  );
}

function Labels({ range, add }: { readonly range: TimeRange; readonly add: (label: string, value: string) => void }) {
  const client = useClient();
  const [label, setLabel] = useState('');
  const names = useLoad('labels', (signal) => listLogLabels(client, resolve(range, Date.now()), signal));
  const chosen = label !== '' ? label : names.data?.find((name) => name === 'service_name') ?? names.data?.[0] ?? '';
  const values = useLoad(chosen === '' ? null : chosen, (signal) => listLogLabelValues(client, chosen, resolve(range, Date.now()), signal), chosen);
  const error = names.error ?? values.error;
  return (
    <div className="label-popover">
      <div className="options" aria-label="Labels">
        {names.data?.map((name) => <button key={name} type="button" aria-pressed={name === chosen} onClick={() => { setLabel(name); }}>{name}</button>)}
      </div>
      <div className="options" aria-label={`Values of ${chosen}`}>
        {values.data?.map((value) => <button key={value} type="button" onClick={() => { add(chosen, value); }}>{value}</button>)}
      </div>
      {error && <p className="field-fault">{error.message}</p>}
      {names.data?.length === 0 && <p className="field-hint">No labels in this time range.</p>}
    </div>
  );
}
