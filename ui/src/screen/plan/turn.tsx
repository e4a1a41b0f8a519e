import './plan.css';

import { Anchor, Button, CopyButton, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { type Lot, MarketChart } from '../../chart';
import { Fault, Page, Panel, Wait } from '../../part';
import { useCodes } from '../../part/code';
import { useSentence } from '../../part/sentence';
import { usePlace } from '../../shell/place';
import { Energy, Money, Power, Price, useDuration, When } from '../../value';
import { minute } from '../../value/zone';
import { useWord } from '../../words/i18n';
import { scaleFor } from './data';
import { inputsOf, isKept, type Json, paperNames, writtenAt } from './papers';
import { Tree } from './tree';
import { turnPath } from './why';

type View = components['schemas']['TurnView'];
type Kept = components['schemas']['LotView'];

/** One turn: what was offered, who bid, what was decided and what came of it. */
export default function Turn() {
  const { t } = useTranslation('plan');
  const { site = '', at: named = '' } = useParams<{ site: string; at: string }>();
  const at = decodeURIComponent(named);
  const place = usePlace().site;
  const page = useGet('/v1/sites/{site}/turns/{at}', { params: { path: { site, at } } }, { staleTime: 10_000, keep: true });
  const seconds = page.data?.seconds ?? place?.interval_seconds;
  const start = Date.parse(page.data?.at ?? at);
  const step = (seconds ?? 0) * 1000;
  const now = place?.at === undefined ? Infinity : Date.parse(place.at);
  return (
    <Page
      title={t('turn.title')} says={t('turn.says')}
      actions={step > 0 && (
        <Group gap="xs" dir="ltr">
          <Button component={Link} href={turnPath(site, start - step)} variant="default" size="compact-md" leftSection={<IconChevronLeft size={18} aria-hidden />} data-previous="1">{t('turn.previous')}</Button>
          {start + step <= now && <Button component={Link} href={turnPath(site, start + step)} variant="default" size="compact-md" rightSection={<IconChevronRight size={18} aria-hidden />}>{t('turn.next')}</Button>}
        </Group>
      )}
    >
      {page.error !== null ? (
        <Stack>
          <Text><When at={start} zone={place?.zone} named /></Text>
          <Fault error={page.error} retry={() => void page.refetch()} />
          <Anchor component={Link} href={`/sites/${encodeURIComponent(site)}/plan`}>{t('turn.back')}</Anchor>
        </Stack>
      ) : page.data === undefined ? <Wait /> : <Shown of={page.data} currency={place?.currency ?? ''} zone={place?.zone} />}
    </Page>
  );
}

function Shown({ of, currency, zone }: { of: View; currency: string; zone: string | undefined }) {
  const { t } = useTranslation('plan');
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={<When at={of.at} zone={zone} named />}>
          <Decided of={of} currency={currency} />
        </Panel>
        <Panel title={t('turn.delivery')}>
          <Delivered of={of} currency={currency} />
        </Panel>
      </SimpleGrid>
      <Panel title={t('turn.market')}>
        <Market of={of} currency={currency} />
      </Panel>
      <Panel title={t('turn.papers')}>
        <Papers of={of} zone={zone} />
      </Panel>
    </Stack>
  );
}

function Decided({ of, currency }: { of: View; currency: string }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const flags = of.plan.flags ?? [];
  return (
    <Stack gap="xs">
      <dl className="facts">
        <dt>{t('fact.site')}</dt>
        <dd><b><Price micro={of.site_price_micro_per_mwh} currency={currency} /></b></dd>
        <dt>{t('fact.expected')}</dt>
        <dd><Price micro={of.plan.spot_micro_per_mwh?.[0]} currency={currency} /></dd>
        <dt>{of.ordered ? t('turn.ordered') : t('fact.limit')}</dt>
        <dd><Power w={of.import_limit_w} /></dd>
        <dt>{t('turn.worth')}</dt>
        <dd><Money micro={of.plan.worth_micro} currency={currency} /></dd>
        <dt>{t('turn.solver')}</dt>
        <dd>{code('solver', of.plan.solver)}</dd>
        <dt>{t('turn.forecast')}</dt>
        <dd><bdi dir="ltr">{of.plan.forecast}</bdi></dd>
      </dl>
      {of.plan.shadow && <Text size="sm" className="quiet">{t('chart.shadow')}</Text>}
      {flags.length === 0 ? <Text size="sm" className="quiet">{t('turn.flagless')}</Text> : <Text size="sm" fw={600}>{t('turn.flags')}</Text>}
      {flags.map((f) => (
        <Text size="sm" key={`${f.code} ${f.start} ${f.subject}`}>
          {code('flag', f.code)} · <bdi>{f.subject}</bdi> · <Power w={f.power_w} /> · <When at={f.start} show="clock" />
        </Text>
      ))}
    </Stack>
  );
}

function Delivered({ of, currency }: { of: View; currency: string }) {
  const { t } = useTranslation('plan');
  const entry = of.entry ?? [];
  return (
    <Stack gap="xs">
      {of.delivery === undefined ? <Text size="sm" className="quiet">{t('turn.undelivered')}</Text> : (
        <dl className="facts">
          <dt>{t('fact.import')}</dt>
          <dd><Energy j={of.delivery.import_j} /></dd>
          <dt>{t('fact.planned')}</dt>
          <dd><Energy j={of.delivery.planned_j} /></dd>
          <dt>{t('fact.peak')}</dt>
          <dd><Power w={of.delivery.peak_w} /></dd>
          <dt>{t('fact.over')}</dt>
          <dd><Power w={of.delivery.over_limit_w} /></dd>
          <dt>{t('turn.source')}</dt>
          <dd><bdi>{of.delivery.source}</bdi></dd>
        </dl>
      )}
      {entry.length === 0 ? <Text size="sm" className="quiet">{t('turn.unsettled')}</Text> : (
        <div className="scrolls" style={{ maxHeight: 260, overflowY: 'auto' }} tabIndex={0} role="region" aria-label={t('turn.entry')}>
          <table className="sheet">
            <caption className="quiet">{t('turn.entry')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('col.account')}</th>
                <th scope="col">{t('col.use')}</th>
                <th scope="col" className="end">{t('col.amount')}</th>
              </tr>
            </thead>
            <tbody>
              {entry.map((p, i) => (
                <tr key={i}>
                  <td><bdi dir="ltr">{p.account}</bdi></td>
                  <td><bdi>{p.use ?? ''}</bdi></td>
                  <td className="end"><Money micro={p.amount_micro} currency={currency} exact /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}

/** Why a lot is taken, or not. */
function useLots(of: View, currency: string): { offers: Lot[]; bids: Lot[]; scale: ReturnType<typeof scaleFor>; per: string } {
  const { t } = useTranslation('plan');
  const code = useCodes();
  const sentence = useSentence(currency);
  const most = (of.bids ?? []).reduce((sum, b) => sum + b.max_w, 0);
  const scale = scaleFor(Math.max(most, of.import_limit_w ?? 0));
  return useMemo(() => {
    const why = (lot: Kept, bid: boolean): string => {
      if (lot.must) return t('market.must');
      const reason = bid ? (of.plan.reasons ?? []).find((r) => r.use === lot.name) : undefined;
      const worth = Number(lot.micro_per_mwh) - Number(of.site_price_micro_per_mwh ?? lot.micro_per_mwh);
      // The reason of a use is that of its marginal step; where prices alone do not explain a step, it does too.
      const odd = bid && ((worth > 0 && lot.taken_w === 0) || (worth < 0 && lot.taken_w > 0));
      if (reason !== undefined && (odd || lot.max_w === 0 || reason.worth_micro_per_mwh === lot.micro_per_mwh)) return sentence(reason);
      if (lot.taken_w > 0) return lot.taken_w < lot.max_w ? t('market.part') : bid ? t('market.worth') : t('market.all');
      return bid ? t('market.poor') : t('market.none');
    };
    const lots = (all: readonly Kept[] | null, bid: boolean) => (all ?? []).map((lot): Lot => ({
      name: lot.name === 'house' ? code('use', 'house') : bid ? lot.name : code('source', lot.name), price: lot.must ? null : Number(lot.micro_per_mwh) / 1e6,
      max: lot.max_w / scale.by, taken: lot.taken_w / scale.by, why: why(lot, bid),
    }));
    return { offers: lots(of.offers, false), bids: lots(of.bids, true), scale, per: `${currency}/MWh` };
    // The words of a reason change with the language.
  }, [of, currency, scale.unit, t, code]);
}

function Market({ of, currency }: { of: View; currency: string }) {
  const { t } = useTranslation('plan');
  const { offers, bids, scale, per } = useLots(of, currency);
  const [picked, pick] = useState<string>();
  const words = useMemo(() => ({
    offers: t('market.offers'), bids: t('market.bids'), price: t('fact.site'), limit: t('line.limit'), taken: t('col.taken'), must: t('market.must'),
    side: t('col.side'), name: t('col.name'), worth: t('col.price'), most: t('col.most'), why: t('col.why'),
  }), [t]);
  return (
    <Stack>
      <MarketChart
        label={t('market.label')} offers={offers} bids={bids} price={of.site_price_micro_per_mwh === undefined ? null : Number(of.site_price_micro_per_mwh) / 1e6}
        limit={of.import_limit_w === undefined ? null : of.import_limit_w / scale.by} words={words} unit={scale.unit} per={per} onPick={(lot) => pick(lot.name)}
      />
      <div className="scrolls" style={{ maxHeight: 460, overflowY: 'auto' }} tabIndex={0} role="region" aria-label={t('market.table')}>
        <table className="sheet">
          <caption className="quiet">{t('market.table')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('col.side')}</th>
              <th scope="col">{t('col.name')}</th>
              <th scope="col" className="end">{t('col.price')}</th>
              <th scope="col" className="end">{t('col.most')}</th>
              <th scope="col" className="end">{t('col.taken')}</th>
              <th scope="col">{t('col.why')}</th>
            </tr>
          </thead>
          <tbody>
            {(['offers', 'bids'] as const).flatMap((side) => (of[side] ?? []).map((kept, i) => {
              const lot = (side === 'offers' ? offers : bids)[i]!;
              return (
                <tr key={`${side} ${i}`} aria-selected={lot.name === picked}>
                  <td>{t(side === 'offers' ? 'market.offer' : 'market.bid')}</td>
                  <td><bdi>{lot.name}</bdi></td>
                  <td className="end">{kept.must ? '–' : <Price micro={kept.micro_per_mwh} currency={currency} />}</td>
                  <td className="end"><Power w={kept.max_w} /></td>
                  <td className="end"><Power w={kept.taken_w} /></td>
                  <td>{lot.why}</td>
                </tr>
              );
            }))}
          </tbody>
        </table>
      </div>
    </Stack>
  );
}

function save(papers: string, name: string) {
  const address = URL.createObjectURL(new Blob([papers], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The seven papers in their order. */
function Papers({ of, zone }: { of: View; zone: string | undefined }) {
  const { t } = useTranslation('plan');
  const word = useWord();
  const papers = (of.papers ?? {}) as { readonly [key: string]: Json };
  const text = () => JSON.stringify(papers, null, 2);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <CopyButton value={text()}>
          {({ copied, copy }) => <Button size="compact-sm" variant="default" onClick={copy}>{copied ? word('shell:copied') : word('shell:copy')}</Button>}
        </CopyButton>
        <Button size="compact-sm" variant="default" onClick={() => save(text(), `turn-${of.at}.json`)}>{t('turn.save')}</Button>
      </Group>
      <Tabs defaultValue="Snapshot" keepMounted={false}>
        <Tabs.List aria-label={t('turn.papers')}>
          {paperNames.map((name, i) => (
            <Tabs.Tab key={name} value={name}>
              <bdi>{i + 1}</bdi> {t(`paper.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {paperNames.map((name) => (
          <Tabs.Panel key={name} value={name} pt="sm">
            <Stack gap="sm">
              <Text size="sm" className="quiet">{t(`paperSays.${name}`)}</Text>
              {isKept(papers[name]) ? (
                <>
                  {writtenAt(papers[name]) !== undefined && <Text size="sm">{t('turn.written')} <When at={writtenAt(papers[name])} zone={zone} seconds named /></Text>}
                  {name === 'Snapshot' && <Inputs of={papers[name]} turn={of.at} zone={zone} />}
                  <div className="tree" dir="ltr" tabIndex={0} role="region" aria-label={t(`paper.${name}`)}>
                    <Tree of={papers[name] ?? null} name={name} opened={name !== 'Snapshot'} />
                  </div>
                </>
              ) : <Text size="sm">{t('turn.unkept')}</Text>}
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

/** What the turn stood on: where from, and how old it was then. */
function Inputs({ of, turn, zone }: { of: Json | undefined; turn: string; zone: string | undefined }) {
  const { t, i18n } = useTranslation('plan');
  const word = useWord();
  const duration = useDuration();
  const age = (at: string) => {
    const ms = Date.parse(turn) - Date.parse(at);
    return ms < minute && ms > -15 * minute ? t('turn.fresh') : duration(ms);
  };
  const nameOf = (name: string) => (i18n.exists(`plan:input.${name}`) ? t(`input.${name as 'Spot'}`) : name);
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={t('turn.inputs')}>
      <table className="sheet">
        <caption className="quiet">{t('turn.inputs')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('col.name')}</th>
            <th scope="col">{t('turn.source')}</th>
            <th scope="col">{t('col.of')}</th>
            <th scope="col" className="end">{t('col.age')}</th>
          </tr>
        </thead>
        <tbody>
          {inputsOf(of).map((x) => (
            <tr key={x.name}>
              <td><bdi>{nameOf(x.name)}</bdi></td>
              <td><bdi>{x.source}</bdi></td>
              <td>{x.known ? <When at={x.at} zone={zone} /> : word('shell:value.none')}</td>
              <td className="end">{x.known && x.at !== undefined ? age(x.at) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
