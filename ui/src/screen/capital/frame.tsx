import './capital.css';

import { Anchor, Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Page, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { When } from '../../value';
import type { Work } from './data';

export type Plan = Got<'/v1/plans/{plan}'>;
export type Worked = Plan & { work: Work };

/** The screens of a plan, in their order. */
const parts = ['plan', 'whatif', 'risk'] as const;
const tails = { plan: '', whatif: '/what-if', risk: '/risk' } as const;

export const planPath = (plan: string, part: (typeof parts)[number] = 'plan'): string => `/plans/${encodeURIComponent(plan)}${tails[part]}`;

/** The frame of everything that is of one plan. */
export function PlanFrame({ part, says, risk, children }: { part: (typeof parts)[number]; says: string; risk?: string; children: (plan: Worked) => ReactNode }) {
  const { t } = useTranslation('capital');
  const { plan = '' } = useNamed();
  const page = useGet('/v1/plans/{plan}', { params: { path: { plan } } }, { staleTime: 30_000 });
  return (
    <Page title={t(`part.${part}`)} says={says} actions={<Reports plan={plan} risk={risk} />}>
      <nav className="ca-trail noprint" aria-label={t('trail')}>
        <Anchor component={Link} href="/plans" fz="sm">{t('plans.title')}</Anchor>
        <Anchor component={Link} href={planPath(plan)} fz="sm"><bdi translate="no">{plan}</bdi></Anchor>
      </nav>
      <nav className="ca-parts noprint" aria-label={t('parts')}>
        {parts.map((p) => (
          <Link key={p} href={planPath(plan, p)} aria-current={p === part ? 'page' : undefined}>{t(`part.${p}`)}</Link>
        ))}
        <Link href={`/objects/Plan/${encodeURIComponent(plan)}`}>{t('part.object')}</Link>
      </nav>
      <Loaded of={page}>
        {(data) => {
          const { work } = data;
          return (
            <>
              <p className="ca-head">
                <b><bdi translate="no">{data.plan}</bdi></b> · {t('head.span', { years: data.years, begin: data.begin, currency: data.currency })} · {t('head.version', { version: data.version })}, <When at={data.changed} named />, <bdi translate="no">{data.by}</bdi>
              </p>
              {work === undefined ? <Unworkable faults={data.faults ?? []} /> : children({ ...data, work })}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** Why a plan cannot be worked out. */
function Unworkable({ faults }: { faults: readonly string[] }) {
  const { t } = useTranslation('capital');
  return (
    <Panel title={t('unworkable')}>
      <ul role="alert">{faults.map((f) => <li key={f} dir="auto" translate="no">{f}</li>)}</ul>
    </Panel>
  );
}

const formats = ['pdf', 'xlsx', 'html'] as const;

/** The report for the board in the language of the page. */
function Reports({ plan, risk }: { plan: string; risk?: string | undefined }) {
  const { t, i18n } = useTranslation('capital');
  const query = (format: string) => new URLSearchParams({ format, language: i18n.language, ...(risk === undefined ? {} : { risk }) });
  return (
    <Menu position="bottom-end" keepMounted={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} data-report="1">{t('report.title')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{risk === undefined ? t('report.alone') : t('report.risk')}</Menu.Label>
        {formats.map((f) => (
          <Menu.Item key={f} component="a" href={`/v1/plans/${encodeURIComponent(plan)}/board?${query(f)}`} download data-format={f}>{t(`report.${f}`)}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
