import '../plan/plan.css';
import './trust.css';

import { Anchor, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Live, useSitesNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { type Column, Loaded, Page, Panel, Table } from '../../part';
import { useCodes } from '../../part/code';
import { usePlace } from '../../shell/place';
import { Money } from '../../value';
import { rankOf, stages } from './need';
import { Detail } from './site';

/** A stage as rungs: those that are reached are filled. */
export function Rungs({ stage }: { stage: string }) {
  return (
    <span className="ladder" aria-hidden>
      {stages.map((s, i) => <span key={s} data-on={i <= rankOf(stage) ? '' : undefined} />)}
    </span>
  );
}

/** How far each site may act by itself, and what it would take to go further. */
export default function Ladder() {
  const { t } = useTranslation('trust');
  const { site, choose } = usePlace();
  const page = useGet('/v1/sites');
  const live = useSitesNow();
  const [picked, pick] = useState<string>();
  return (
    <Page title={t('title')} says={t('says')}>
      <Loaded of={page}>
        {({ sites }) => {
          const all = (sites ?? []).map((s) => live.get(s.site)?.value ?? s);
          const shown = picked ?? site?.site ?? all.find((s) => s.stage !== undefined)?.site ?? all[0]?.site;
          if (shown === undefined) return <Panel><Text>{t('none')}</Text></Panel>;
          return (
            <Stack>
              <Panel title={t('ladder')}>
                <Sites all={all} onOpen={(name) => {
                  pick(name);
                  choose(name);
                }} />
              </Panel>
              <Detail key={shown} site={shown} />
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Sites({ all, onOpen }: { all: readonly SiteNow[]; onOpen: (site: string) => void }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const columns = useMemo((): Column<SiteNow>[] => {
    const money = (s: SiteNow, micro: string | undefined) => <Live site={s.site}><Money micro={micro} currency={s.currency ?? ''} /></Live>;
    return [
      {
        key: 'site', head: t('col.site'), width: '130px',
        cell: (s) => (
          <Anchor component="button" onClick={() => onOpen(s.site)} data-site={s.site}>
            <bdi>{s.site}</bdi>
          </Anchor>
        ),
      },
      { key: 'stage', head: t('col.stage'), width: '300px', cell: (s) => <Live site={s.site}><Rungs stage={s.stage ?? 'closed_all'} /> {s.stage === undefined ? t('unheld') : code('stage', s.stage)}</Live> },
      { key: 'state', head: t('col.state'), width: '100px', cell: (s) => <Live site={s.site}>{s.stopped ? <b>{t('stopped')}</b> : s.shed_only ? <b>{t('shedOnly')}</b> : t('runs')}</Live> },
      { key: 'earned', head: t('col.earned'), end: true, width: '140px', cell: (s) => money(s, s.earned?.margin_micro) },
      { key: 'would', head: t('col.would'), end: true, width: 'minmax(210px, 1fr)', cell: (s) => money(s, s.would_have_earned?.margin_micro) },
    ];
  }, [t, code, onOpen]);
  return (
    <div className="dense">
      <Table label={t('ladder')} columns={columns} rows={all} rowKey={(s) => s.site} onOpen={(s) => onOpen(s.site)} height={320} />
    </div>
  );
}

/** A link to the requests, where something was asked for. */
export function ToRequests() {
  const { t } = useTranslation('trust');
  return <Anchor component={Link} href="/requests">{t('toRequests')}</Anchor>;
}
