import { useCallback, useId, useState } from 'react';
import { listTagNames, listTagValues } from '../api/search.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { Popover } from '../design/Popover.js';
import { tagText } from './tags.js';

/** Offers the tags that are stored, and their values. */
export function TagPicker({ add }: { readonly add: (tag: string) => void }) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => { setOpen(false); }, []);
  return (
    <Popover open={open} close={close} label="Add a tag" align="end"
      trigger={<button type="button" className="text-button" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(!open); }}>Add…</button>}>
      <Choice add={(tag) => { add(tag); setOpen(false); }} />
    </Popover>
  );
}

function Choice({ add }: { readonly add: (tag: string) => void }) {
  const client = useClient();
  const id = useId();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const names = useLoad('names', (signal) => listTagNames(client, signal));
  const known = names.data?.includes(key) ?? false;
  const values = useLoad(known ? key : null, (signal) => listTagValues(client, key, signal), key);
  const fault = names.error ?? values.error;
  return (
    <div className="tag-picker">
      <label className="field"><span className="field-label">Tag</span>
        <input className="input" list={`${id}-names`} value={key} spellCheck={false} autoFocus onChange={(event) => { setKey(event.target.value.trim()); setValue(''); }} /></label>
      <datalist id={`${id}-names`}>{names.data?.map((name) => <option key={name} value={name} />)}</datalist>
      <label className="field"><span className="field-label">Value</span>
        <input className="input" list={`${id}-values`} value={value} spellCheck={false} disabled={key === ''} onChange={(event) => { setValue(event.target.value); }} /></label>
      <datalist id={`${id}-values`}>{values.data?.map((one) => <option key={one} value={one} />)}</datalist>
      {fault && <p className="field-fault">{fault.message}</p>}
      <button type="button" className="button" disabled={key === ''} onClick={() => { add(tagText(key, value)); }}>Add</button>
    </div>
  );
}
