import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { count } from '../../value/format';
import type { Json } from './papers';

const page = 100;

/** A JSON value as a tree whose branches open. They are made when they are opened. */
export function Tree({ of, name, opened = false }: { of: Json; name: string; opened?: boolean }) {
  const { i18n } = useTranslation();
  const [open, setOpen] = useState(opened);
  if (typeof of !== 'object' || of === null) {
    return (
      <span>
        <span className="quiet">{name}</span> {JSON.stringify(of)}
      </span>
    );
  }
  const size = Array.isArray(of) ? of.length : Object.keys(of).length;
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <span className="quiet">{name}</span> {Array.isArray(of) ? `[${count(size, i18n.language)}]` : `{${count(size, i18n.language)}}`}
      </summary>
      {open && <Branches of={of} />}
    </details>
  );
}

function Branches({ of }: { of: readonly Json[] | { readonly [key: string]: Json } }) {
  const { t, i18n } = useTranslation('plan');
  const [most, setMost] = useState(page);
  const all = Object.entries(of);
  return (
    <ul>
      {all.slice(0, most).map(([key, value]) => (
        <li key={key}>
          <Tree of={value} name={key} />
        </li>
      ))}
      {all.length > most && (
        <li>
          <button type="button" onClick={() => setMost(most + 10 * page)}>
            {t('turn.more', { n: count(all.length - most, i18n.language) })}
          </button>
        </li>
      )}
    </ul>
  );
}
