import './plan.css';
import './market.css';

import { Anchor, Button, Group, NumberInput, Progress, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearch } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useSession } from '../../api/session';
import { Fault, Loaded, Page, Panel } from '../../part';
import { Plain } from '../../part/plain';
import { Share, When } from '../../value';
import { Result } from './result';
import { weekBefore } from './week';

type List = components['schemas']['Backtests'];
type Backtest = components['schemas']['Backtest'];

const path = '/v1/sites/{site}/backtests';

/** What each policy would have earned over the same recorded days. */
export default function Backtests() {
  const { t } = useTranslation('market');
  const { site = '' } = useParams<{ site: string }>();
  const list = useGet(path, { params: { path: { site } } }, { refetchInterval: 3_000 });
  const wanted = new URLSearchParams(useSearch()).get('id');
  return (
    <Page title={t('test.title')} says={t('test.says')}>
      <Loaded of={list}>
        {(data) => {
          const all = data.backtests ?? [];
          const shown = all.find((b) => b.id === wanted) ?? all.find((b) => b.state === 'done') ?? all[0];
          return (
            <>
              <div className="two-up">
                <Panel title={t('test.new')}><New key={`${site} ${data.last_day}`} site={site} of={data} /></Panel>
                <Panel title={t('test.all')}><All site={site} of={all} shown={shown?.id} zone={data.zone} /></Panel>
              </div>
              {shown !== undefined && <Shown key={shown.id} site={site} of={shown} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** Chooses days and begins. */
function New({ site, of }: { site: string; of: List }) {
  const { t } = useTranslation('market');
  const [first, setFirst] = useState(() => weekBefore(of.last_day ?? '', of.first_day ?? ''));
  const [days, setDays] = useState<number | string>(7);
  const begin = useDo(async (body: components['schemas']['BacktestAsk']) => dataOf(api.POST(path, { params: { path: { site } }, body })), path);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (typeof days === 'number') begin.mutate({ first, days });
  };
  if (!of.can) return <Text size="sm" className="quiet says">{t('test.noHistory')}</Text>;
  return (
    <form onSubmit={ask}>
      <Stack gap="sm">
        <Group align="flex-start" gap="sm">
          <TextInput type="date" label={t('test.first')} value={first} min={of.first_day} max={of.last_day} onChange={(e) => setFirst(e.currentTarget.value)} required dir="ltr" />
          <NumberInput label={t('test.days')} value={days} onChange={setDays} min={1} max={of.most_days} allowDecimal={false} required w={110} dir="ltr" />
        </Group>
        <Text size="sm" className="quiet says">
          {t('test.reach')} <bdi className="num">{of.first_day}</bdi> – <bdi className="num">{of.last_day}</bdi>. {t('test.takes', { minutes: Math.round(of.within_seconds / 60), most: of.most_days })}
        </Text>
        <Group>
          <Button type="submit" loading={begin.isPending} disabled={of.busy || typeof days !== 'number' || first === ''} data-begin="1">{t('test.begin')}</Button>
          {of.busy && <Text size="sm" className="quiet">{t('test.busy')}</Text>}
        </Group>
        {begin.error !== null && <Fault error={begin.error} />}
      </Stack>
    </form>
  );
}

/** Those that were made. */
function All({ site, of, shown, zone }: { site: string; of: readonly Backtest[]; shown: string | undefined; zone: string }) {
  const { t } = useTranslation('market');
  const session = useSession();
  const end = useDo(async (id: string) => dataOf(api.DELETE('/v1/sites/{site}/backtests/{id}', { params: { path: { site, id } } })), path);
  if (of.length === 0) return <Text size="sm" className="quiet">{t('test.none')}</Text>;
  return (
    <Stack gap="xs">
      <Plain label={t('test.all')}>
        <thead>
          <tr><th scope="col">{t('test.period')}</th><th scope="col">{t('test.state')}</th><th scope="col">{t('test.by')}</th></tr>
        </thead>
        <tbody>
          {of.map((b) => (
            <tr key={b.id}>
              <th scope="row" data-one="">
                <Anchor component={Link} href={`?id=${encodeURIComponent(b.id)}`} size="sm" aria-current={b.id === shown ? 'true' : undefined}>
                  <When at={b.from} zone={zone} show="date" /> – <When at={Date.parse(b.to) - 1000} zone={zone} show="date" />
                </Anchor>
              </th>
              <td>
                {t(`test.is.${b.state}`)}
                {b.state === 'running' && (
                  <Group gap="xs" wrap="nowrap">
                    <Progress value={b.done_percent} w={80} aria-label={t('test.far')} /> <Share of={b.done_percent / 100} />
                    {b.by === session.person && <Button size="compact-xs" variant="default" onClick={() => end.mutate(b.id)} loading={end.isPending}>{t('test.end')}</Button>}
                  </Group>
                )}
              </td>
              <td>{b.shipped ? t('test.shipped') : <bdi>{b.by}</bdi>}</td>
            </tr>
          ))}
        </tbody>
      </Plain>
      {end.error !== null && <Fault error={end.error} />}
    </Stack>
  );
}

/** One of them. */
function Shown({ site, of }: { site: string; of: Backtest }) {
  const { t } = useTranslation('market');
  const one = useGet('/v1/sites/{site}/backtests/{id}', { params: { path: { site, id: of.id } } }, { enabled: of.state === 'done', staleTime: Infinity });
  if (of.state !== 'done') {
    return (
      <Panel>
        <Text size="sm" className={of.state === 'failed' ? undefined : 'quiet'}>{t(`test.why.${of.state}`)} {of.why !== undefined && <bdi>{of.why}</bdi>}</Text>
      </Panel>
    );
  }
  return <Loaded of={one}>{(data) => (data.result === undefined ? null : <Result of={data.result} from={data.from} to={data.to} />)}</Loaded>;
}
