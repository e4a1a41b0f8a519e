import './people.css';

import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { useSay } from '../../words/code';

type Verb = components['schemas']['VerbRow'];

/** What each role may do, and how many people that takes. */
export default function Roles() {
  const { t } = useTranslation('people');
  const say = useSay();
  const roles = useGet('/v1/roles', undefined, { staleTime: Infinity });
  const verbs = useGet('/v1/verbs', undefined, { staleTime: Infinity });
  const [role, setRole] = useState<string | null>(null);
  const all = roles.data?.roles ?? [];
  const shown = role === null ? all : all.filter((r) => r.role === role);
  return (
    <Page title={t('roles.title')} says={t('roles.says')}>
      <Panel actions={<Select aria-label={t('roles.only')} placeholder={t('roles.all')} clearable value={role} onChange={setRole} data={all.map((r) => ({ value: r.role, label: say('role', r.role) }))} w={220} size="xs" />}>
        <Loaded of={verbs}>
          {({ verbs: rows }) => (
            <Plain label={t('roles.title')}>
              <thead>
                <tr>
                  <th scope="col">{t('roles.right')}</th>
                  <th scope="col">{t('roles.takes')}</th>
                  <th scope="col">{t('roles.token')}</th>
                  {shown.map((r) => <th key={r.role} scope="col" className="pe-role">{say('role', r.role)}</th>)}
                </tr>
              </thead>
              <tbody>
                {(rows ?? []).filter((v) => role === null || (v.roles ?? []).includes(role)).map((v) => (
                  <tr key={v.verb}>
                    <th scope="row" className="pe-right">{say('verb', v.verb)}</th>
                    <td className="one" data-takes={v.takes}>{say('authority', v.takes)}</td>
                    <td className="one">{byToken(v, t('yes'), t('roles.mayAsk'), t('no'))}</td>
                    {shown.map((r) => (
                      <td key={r.role} className="pe-role">
                        {(v.roles ?? []).includes(r.role) ? <IconCheck size={16} role="img" aria-label={t('yes')} /> : <span className="quiet" aria-label={t('no')} role="img">·</span>}
                      </td>
                    ))}
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

function byToken(v: Verb, yes: string, asks: string, no: string): string {
  if (!v.token) return no;
  return v.takes === 'two people' ? asks : yes;
}
