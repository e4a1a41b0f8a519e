import { Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';

import { useGet } from '../../api/query';
import { Loaded } from '../../part';
import { Plain } from '../../part/plain';
import { When } from '../../value';
import { differences } from './differ';
import type { View } from './read';

/** Every version of an object, and what each changed of the one before. */
export function History({ kind, name }: { kind: string; name: string }) {
  const { t } = useTranslation('objects');
  const page = useGet('/v1/objects/{kind}/{name}/history', { params: { path: { kind, name } } });
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Loaded of={page}>
      {({ versions }) => (
        <Plain label={t('tab.history')}>
          <thead>
            <tr>
              <th scope="col">{t('version')}</th>
              <th scope="col">{t('changed')}</th>
              <th scope="col">{t('by')}</th>
              <th scope="col">{t('history.what')}</th>
            </tr>
          </thead>
          <tbody>
            {(versions ?? []).map((v, i, all) => (
              <tr key={v.metadata.version}>
                <th scope="row">{v.metadata.version}</th>
                <td className="one"><When at={v.changed} named /></td>
                <td><bdi>{v.by}</bdi></td>
                <td>
                  {v.deleted ? t('what.delete') : (
                    <Button size="compact-xs" variant="default" aria-expanded={open === i} onClick={() => setOpen(open === i ? null : i)}>{open === i ? t('history.hide') : t('history.show')}</Button>
                  )}
                  {open === i && <Diff before={all[i + 1]} after={v} />}
                </td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </Loaded>
  );
}

function Diff({ before, after }: { before: View | undefined; after: View }) {
  const { t } = useTranslation('objects');
  const rows = useMemo(() => differences(before, after), [before, after]);
  if (rows.length === 0) return <Text size="sm" className="quiet">{t('history.same')}</Text>;
  return (
    <table className="plain ob-diff">
      <tbody>
        {rows.map((r) => (
          <tr key={r.path}>
            <td><bdi dir="ltr">{r.path}</bdi></td>
            <td>{r.before === undefined ? <span className="quiet">{t('diff.absent')}</span> : <bdi dir="ltr">{r.before}</bdi>}</td>
            <td>{r.after === undefined ? <span className="quiet">{t('diff.gone')}</span> : <bdi dir="ltr">{r.after}</bdi>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
