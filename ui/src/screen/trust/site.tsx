import { Button, Group, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Live, useSiteNow } from '../../live/live';
import { Fault, Loaded, Panel, told, toldAsked } from '../../part';
import { useCodes } from '../../part/code';
import { Count, Energy, Money, Power, useDuration } from '../../value';
import { Advice } from './advice';
import { ToRequests } from './ladder';
import { Locks } from './locks';
import { below, durationOf, easedOf, needOf, rankOf } from './need';

type SiteDetail = components['schemas']['SiteDetail'];
type Mode = components['schemas']['LiveModeStatus'];
type Asked = components['schemas']['Asked'];

/** What came of a deed, said in a corner. */
export const say = (did: components['schemas']['Did']): void => (did.request === undefined ? told([did.done, did.unkept].filter(Boolean).join(' ')) : toldAsked());

/** One site: its stage, what the next one takes, and what can be done about it. */
export function Detail({ site }: { site: string }) {
  const page = useGet('/v1/sites/{site}', { params: { path: { site } } }, { refetchInterval: 5_000 });
  return <Loaded of={page}>{(data) => <Shown site={site} data={data} />}</Loaded>;
}

function Shown({ site, data }: { site: string; data: SiteDetail }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const { mode } = data;
  return (
    <Stack>
      {data.now.stopped && <Resume site={site} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={<><bdi>{site}</bdi> · {mode === undefined ? t('unheld') : code('stage', mode.stage)}</>}>
          <Live site={site} block>
            <Text size="sm" mb="sm">{mode === undefined ? t('unheldSays') : code('stage', mode.stage, 'says')}</Text>
            <Earned data={data} />
          </Live>
        </Panel>
        <Panel title={mode?.next === undefined || mode.next === '' ? t('highest') : t('next', { stage: code('stage', mode.next) })}>
          {mode === undefined ? <Text size="sm" className="quiet">{t('unheldSays')}</Text> : <Next site={site} data={data} mode={mode} />}
        </Panel>
      </SimpleGrid>
      {mode !== undefined && rankOf(mode.stage) > 0 && <Demote key={mode.stage} site={site} mode={mode} />}
      {mode !== undefined && <Advice site={site} all={mode.advice ?? []} />}
      <Locks site={site} />
    </Stack>
  );
}

/** What was earned, beside what the shadow would have earned. */
function Earned({ data }: { data: SiteDetail }) {
  const { t } = useTranslation('trust');
  const { now, mode } = data;
  const coin = now.currency ?? '';
  const { earned, would_have_earned: would } = now;
  const more = earned === undefined || would === undefined ? null : String(BigInt(would.margin_micro) - BigInt(earned.margin_micro));
  return (
    <table className="sheet">
      <caption className="quiet">{t('since')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col" className="end">{t('col.earned')}</th>
          <th scope="col" className="end">{t('col.would')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t('margin')}</th>
          <td className="end"><Money micro={earned?.margin_micro} currency={coin} /></td>
          <td className="end"><Money micro={would?.margin_micro} currency={coin} /></td>
        </tr>
        <tr>
          <th scope="row">{t('perHour')}</th>
          <td className="end"><Money micro={now.margin_per_hour_micro} currency={coin} /></td>
          <td className="end"><Money micro={now.would_per_hour_micro} currency={coin} /></td>
        </tr>
        <tr>
          <th scope="row">{t('energy')}</th>
          <td className="end"><Energy j={earned?.energy_j} /></td>
          <td className="end"><Energy j={would?.energy_j} /></td>
        </tr>
        <tr>
          <th scope="row">{t('mined')}</th>
          <td className="end"><Count n={earned?.mined_sat} unit="sat" /></td>
          <td className="end"><Count n={would?.mined_sat} unit="sat" /></td>
        </tr>
        <tr>
          <th scope="row">{t('intervals')}</th>
          <td className="end"><Count n={earned?.intervals} /></td>
          <td className="end"><Count n={would?.intervals} /></td>
        </tr>
        <tr>
          <th scope="row">{t('more')}</th>
          <td />
          <td className="end"><b><Money micro={more} currency={coin} /></b></td>
        </tr>
        <tr>
          <th scope="row">{t('entrusted')}</th>
          <td className="end" colSpan={2}>
            <bdi dir="ltr"><Count n={mode?.entrusted ?? now.machines?.all} /> / <Count n={now.machines?.all} /></bdi>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

/** What the next stage still takes, and the way to ask for it. */
function Next({ site, data, mode }: { site: string; data: SiteDetail; mode: Mode }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const duration = useDuration();
  const may = useMay();
  const shown = (value: string) => {
    const ms = durationOf(value);
    return ms === null ? (value === 'not known' ? t('unknown') : `\u2066${value}\u2069`) : duration(ms);
  };
  const missing = mode.missing ?? [];
  return (
    <Stack gap="sm">
      {mode.next !== undefined && <Text size="sm">{code('stage', mode.next, 'says')}</Text>}
      {missing.length > 0 && <Text size="sm" fw={600}>{t('missing')}</Text>}
      {missing.length > 0 && (
        <ul>
          {missing.map((text) => {
            const need = needOf(text);
            return (
              <li key={text}>
                <Text size="sm">
                  {need === null ? <bdi>{text}</bdi> : t(need.least ? 'needLeast' : 'needMost', { need: code('need', need.code), have: shown(need.have), bound: shown(need.bound) })}
                </Text>
              </li>
            );
          })}
        </ul>
      )}
      {mode.ready && <Text size="sm" fw={600}>{t('ready')}</Text>}
      {(mode.eased ?? []).length > 0 && (
        <details>
          <summary><Text size="sm" component="span">{t('eased')}</Text></summary>
          <ul>
            {(mode.eased ?? []).map((text) => {
              const eased = easedOf(text);
              return (
                <li key={text}>
                  <Text size="sm" className="quiet">
                    {eased === null ? <bdi dir="ltr">{text}</bdi> : t('easedOne', { stage: rankOf(eased.stage) < 0 ? eased.stage : code('stage', eased.stage), need: code('need', eased.code), asked: shown(eased.asked), usual: shown(eased.usual) })}
                  </Text>
                </li>
              );
            })}
          </ul>
        </details>
      )}
      {mode.ready && mode.next !== undefined && mode.next !== '' && may('promote', site) && <Promote key={mode.next} site={site} data={data} next={mode.next} />}
    </Stack>
  );
}

/** Asks for the next stage. What it moves stands before the button. */
function Promote({ site, data, next }: { site: string; data: SiteDetail; next: string }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const now = useSiteNow(site) ?? data.now;
  const [reason, setReason] = useState('');
  const [rack, setRack] = useState<string[]>([]);
  const named = next === 'closed_rack';
  const machines = useGet('/v1/sites/{site}/machines', { params: { path: { site }, query: { limit: 500 } } }, { enabled: named });
  const ask = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/promote', { params: { path: { site } }, body })), '/v1/requests', '/v1/sites/{site}');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate({ reason, stage: next, ...(named ? { machines: rack } : {}) }, { onSuccess: say });
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {t('moves')} <Power w={rankOf(next) < 3 ? 0 : now.metered_w} /> · {t('wouldMore')} <Money micro={diff(now.would_per_hour_micro, now.margin_per_hour_micro)} currency={now.currency ?? ''} />
        </Text>
        {named && (
          <MultiSelect label={t('rack')} description={t('rackHint')} data={(machines.data?.machines ?? []).map((m) => m.name)} value={rack} onChange={setRack} searchable hidePickedOptions required={rack.length === 0} />
        )}
        <TextInput label={t('reason')} description={t('reasonHint')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={2000} dir="auto" data-promote-reason="1" />
        <Group>
          <Button type="submit" loading={ask.isPending} data-promote="1">{t('promote', { stage: code('stage', next) })}</Button>
          {ask.isSuccess && <ToRequests />}
        </Group>
        {ask.error !== null && <Fault error={ask.error} />}
      </Stack>
    </form>
  );
}

const diff = (one: string | undefined, other: string | undefined): string | null => (one === undefined || other === undefined ? null : String(BigInt(one) - BigInt(other)));

/** Lets a site act less by itself: one click and a reason. */
function Demote({ site, mode }: { site: string; mode: Mode }) {
  const { t } = useTranslation('trust');
  const code = useCodes();
  const may = useMay();
  const lower = below(mode.stage);
  const [stage, setStage] = useState(lower[0] ?? 'observe');
  const [reason, setReason] = useState('');
  const act = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/demote', { params: { path: { site } }, body })), '/v1/sites/{site}', '/v1/sites');
  if (!may('demote', site)) return null;
  return (
    <Panel title={t('demotion')}>
      <Group align="flex-end" gap="sm">
        <Select label={t('to')} value={stage} onChange={(v) => v !== null && setStage(v)} allowDeselect={false} data={lower.map((value) => ({ value, label: code('stage', value) }))} />
        <TextInput label={t('reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={2000} dir="auto" style={{ flexGrow: 1 }} maw={420} />
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate({ stage, ...(reason === '' ? {} : { reason }) }, { onSuccess: say })} data-demote="1">
          {t('demote', { stage: code('stage', stage) })}
        </Button>
      </Group>
      {act.error !== null && <Fault error={act.error} />}
    </Panel>
  );
}

/** Asks to end a stop: two people. */
function Resume({ site }: { site: string }) {
  const { t } = useTranslation('trust');
  const may = useMay();
  const now = useSiteNow(site);
  const [reason, setReason] = useState('');
  const ask = useDo(async (body: Asked) => dataOf(api.POST('/v1/sites/{site}/resume', { params: { path: { site } }, body })), '/v1/requests');
  return (
    <Panel title={t('stop.title')}>
      <Stack gap="sm">
        <Text size="sm">
          {t('stop.says')} <Power w={now?.metered_w} /> → <Power w={now?.limit_w} />
        </Text>
        {may('resume', site) && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              ask.mutate({ reason }, { onSuccess: say });
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput label={t('reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={2000} dir="auto" style={{ flexGrow: 1 }} maw={520} />
              <Button type="submit" loading={ask.isPending} data-resume="1">{t('stop.resume')}</Button>
              {ask.isSuccess && <ToRequests />}
            </Group>
          </form>
        )}
        {ask.error !== null && <Fault error={ask.error} />}
      </Stack>
    </Panel>
  );
}
