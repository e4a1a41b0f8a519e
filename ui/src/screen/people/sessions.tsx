import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { api } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay, useSession } from '../../api/session';
import { Loaded, Page, Panel, told, toldFault } from '../../part';
import { Plain } from '../../part/plain';
import { Ago, When } from '../../value';

/** Open sessions: one's own, and for administrators those of all. */
export default function Sessions() {
  const { t } = useTranslation('people');
  const may = useMay();
  const { person } = useSession();
  const page = useGet('/v1/sessions', undefined, { refetchInterval: 60_000 });
  const end = useDo(async (id: string) => {
    await api.DELETE('/v1/sessions/{id}', { params: { path: { id } } });
    told(t('sessions.done'));
  }, '/v1/sessions');
  return (
    <Page title={t('sessions.title')} says={may('revoke', '') ? t('sessions.saysAll') : t('sessions.says')}>
      <Panel>
        <Loaded of={page}>
          {({ sessions }) => (
            <Plain label={t('sessions.title')}>
              <thead>
                <tr>
                  <th scope="col">{t('col.person')}</th>
                  <th scope="col">{t('sessions.seen')}</th>
                  <th scope="col">{t('sessions.made')}</th>
                  <th scope="col">{t('sessions.address')}</th>
                  <th scope="col">{t('sessions.agent')}</th>
                  <th scope="col">{t('sessions.end')}</th>
                </tr>
              </thead>
              <tbody>
                {[...(sessions ?? [])].sort((a, b) => Number(b.mine) - Number(a.mine) || Number(b.person === person) - Number(a.person === person) || b.seen.localeCompare(a.seen)).map((s) => (
                  <tr key={s.id}>
                    <th scope="row"><bdi>{s.person}</bdi></th>
                    <td className="one"><Ago at={s.seen} /></td>
                    <td className="one"><When at={s.made} /></td>
                    <td><bdi dir="ltr" className="num">{s.address}</bdi></td>
                    <td><bdi dir="ltr">{s.agent}</bdi></td>
                    <td>
                      {s.mine ? <Text size="sm" className="quiet">{t('sessions.this')}</Text> : (
                        <Button size="compact-sm" variant="default" loading={end.isPending && end.variables === s.id} onClick={() => end.mutate(s.id, { onError: toldFault })} aria-label={t('sessions.endOf', { person: s.person })}>{t('sessions.end')}</Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Plain>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
