import './plan.css';
import './market.css';

import { Anchor, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearch } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Trace } from '../../chart';
import { Loaded, Page, Panel } from '../../part';
import { Facts, Plain } from '../../part/plain';
import { Count, Energy, None, Power, useDuration, When } from '../../value';
import { scaleFor } from './data';
import { orderedAt } from './order';

type Event = components['schemas']['GridEvent'];
type List = components['schemas']['GridEvents'];

/** What the grid ordered of a site, and how the meter followed. */
export default function Events() {
  const { t } = useTranslation('market');
  const { site = '' } = useParams<{ site: string }>();
  const search = new URLSearchParams(useSearch());
  const list = useGet('/v1/sites/{site}/grid-events', { params: { path: { site } } }, { refetchInterval: 10_000 });
  const curtail = <Anchor component={Link} href={`/sites/${encodeURIComponent(site)}/curtail`} fz="sm" className="tap">{t('event.order')}</Anchor>;
  return (
    <Page title={t('event.title')} says={t('event.says')} actions={curtail}>
      <Loaded of={list}>
        {(data) => {
          const all = data.events ?? [];
          const wanted = all.find((e) => e.from === search.get('from') && (e.group ?? '') === (search.get('group') ?? ''));
          const shown = wanted ?? all.find((e) => e.state !== 'coming');
          if (all.length === 0) return <Panel><Text size="sm" className="quiet says">{t('event.none')}</Text></Panel>;
          return (
            <>
              <Panel title={t('event.all')}><All of={data} shown={shown} /></Panel>
              {shown !== undefined && <One key={`${shown.group} ${shown.from}`} site={site} of={shown} zone={data.zone} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

const queryOf = (e: Event) => `?${new URLSearchParams({ from: e.from, ...(e.group === undefined ? {} : { group: e.group }) })}`;

/** All orders, the last one first. */
function All({ of, shown }: { of: List; shown: Event | undefined }) {
  const { t } = useTranslation('market');
  const duration = useDuration();
  return (
    <Plain label={t('event.all')}>
      <thead>
        <tr>
          <th scope="col">{t('event.from')}</th><th scope="col">{t('event.until')}</th><th scope="col">{t('event.where')}</th><th scope="col">{t('event.state')}</th>
          <th scope="col" data-end="">{t('event.limit')}</th><th scope="col" data-end="">{t('event.mean')}</th><th scope="col" data-end="">{t('event.response')}</th>
          <th scope="col" data-end="">{t('event.worst')}</th><th scope="col">{t('event.by')}</th>
        </tr>
      </thead>
      <tbody>
        {(of.events ?? []).map((e) => (
          <tr key={`${e.group} ${e.from}`}>
            <th scope="row" data-one="">
              <Anchor component={Link} href={queryOf(e)} size="sm" aria-current={e === shown ? 'true' : undefined}><When at={e.from} zone={of.zone} seconds /></Anchor>
            </th>
            <td data-one="">{e.until === undefined ? <span className="quiet">{t('event.open')}</span> : <When at={e.until} zone={of.zone} seconds />}</td>
            <td>{e.group === undefined ? t('event.site') : <bdi>{e.group}</bdi>}</td>
            <td>{e.state === 'running' ? <b>{t('event.is.running')}</b> : t(`event.is.${e.state}`)}</td>
            <td data-end="" data-one=""><Power w={e.limit_w} /></td>
            <td data-end="" data-one=""><Power w={e.response?.mean_w} /></td>
            <td data-end="" data-one="">{e.response?.response_seconds === undefined ? <None /> : <bdi className="num">{duration(e.response.response_seconds * 1000)}</bdi>}</td>
            <td data-end="" data-one="">{e.response === undefined ? <None /> : <Power w={e.response.worst_over_w} />}</td>
            <td><bdi>{e.by}</bdi></td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
}

/** One order: what was ordered against what the meter said. */
function One({ site, of, zone }: { site: string; of: Event; zone: string }) {
  const { t } = useTranslation('market');
  const { group } = of;
  const one = useGet(
    '/v1/sites/{site}/grid-events/{from}', { params: { path: { site, from: of.from }, query: group === undefined ? {} : { group } } },
    { enabled: of.state !== 'coming', refetchInterval: of.state === 'running' ? 10_000 : false },
  );
  return (
    <Panel title={<>{t('event.one')} <span className="quiet"><When at={of.from} zone={zone} named /></span></>}>
      <Stack gap="md">
        <Figures of={of} zone={zone} />
        {of.state === 'coming' ? <Text size="sm" className="quiet">{t('event.comes')}</Text> : (
          <Loaded of={one}>{(data) => <Course of={data} site={site} zone={zone} />}</Loaded>
        )}
      </Stack>
    </Panel>
  );
}

/** What the meter came to. */
function Figures({ of, zone }: { of: Event; zone: string }) {
  const { t } = useTranslation('market');
  const duration = useDuration();
  const x = of.response;
  return (
    <Stack gap="sm">
      <Facts
        of={[
          [t('event.entered'), <><When at={of.entered} zone={zone} seconds named /> · <bdi>{of.by}</bdi></>],
          [t('event.limit'), <Power w={of.limit_w} />],
          (of.steps ?? []).length > 1 && [t('event.steps'), <Count n={(of.steps ?? []).length} />],
          [t('event.baseline'), <Power w={x?.baseline_w} />],
          [t('event.mean'), <Power w={x?.mean_w} />],
          [t('event.response'), x?.response_seconds === undefined ? <None /> : <bdi className="num">{duration(x.response_seconds * 1000)}</bdi>],
          [t('event.worst'), <Power w={x?.worst_over_w} />],
          [t('event.over'), <Energy j={x?.over_j} unit="kWh" />],
          [t('event.reduced'), <Energy j={x?.reduced_j} unit="kWh" />],
          of.state === 'over' && [t('event.restored'), x?.restored === undefined ? <span className="quiet">{t('event.notRestored')}</span> : <When at={x.restored} zone={zone} seconds named />],
        ]}
      />
      <Text size="sm" className="quiet says">{x === undefined ? t('event.unmeasured') : t('event.stands', { count: x.samples, n: x.samples })}</Text>
    </Stack>
  );
}

/** The order and the meter over time. */
function Course({ of, site, zone }: { of: components['schemas']['GridTrace']; site: string; zone: string }) {
  const { t } = useTranslation('market');
  const { event } = of;
  const scale = scaleFor(Math.max(0, ...(of.metered_w ?? [])));
  const drawn = useMemo(() => {
    const times = (of.times ?? []).map((at) => Date.parse(at));
    return {
      times,
      traces: [
        { name: t('event.metered'), unit: scale.unit, colour: 'grid' as const, values: (of.metered_w ?? []).map((w) => w / scale.by) },
        { name: t('event.short'), unit: scale.unit, colour: 'text' as const, dashed: true, values: times.map((ms) => { const w = orderedAt(event, ms); return w === null ? null : w / scale.by; }) },
      ],
    };
  }, [of, event, scale.by, scale.unit, t]);
  const moments = useMemo(() => [{ at: Date.parse(event.from), name: t('event.begins') }, ...(event.until === undefined ? [] : [{ at: Date.parse(event.until), name: t('event.ends') }])], [event, t]);
  if (drawn.times.length < 2) return <Text size="sm" className="quiet">{t('event.unmeasured')}</Text>;
  return <Trace label={t('event.label', { site })} times={drawn.times} traces={drawn.traces} moments={moments} zone={zone} height={280} />;
}
