import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { BarChart } from '../../chart';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import type { Token } from '../../theme/tokens';
import { Energy } from '../../value';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { Account } from './account';
import { Amount, Coins, units } from './amount';
import { BookFrame, Heading, useBookPath, usePeriod } from './frame';

type Costs = Got<'/v1/books/{book}/cost'>;
type Level = NonNullable<Costs['levels']>[number];
const colours: readonly Token[] = ['hosting', 'mining', 'grid', 'flexible', 'line'];

/** What a bitcoin cost, at four levels, of what accounts, and how their figures came to be. */
export default function Cost() {
  const { t } = useTranslation('money');
  const { book = '' } = useNamed();
  const costs = useGet('/v1/books/{book}/cost', { params: { path: { book }, query: usePeriod() } }, { keep: true });
  return (
    <BookFrame title={t('cost.title')} says={t('cost.says')} part="cost" period>
      {() => (
        <Loaded of={costs}>
          {(c) => (
            <>
              <Panel>
                <Heading of={c} />
                <p className="heading">{t('cost.earned')} <b><Coins sat={c.earned_sat} named /></b></p>
                {(c.levels ?? []).length === 0 ? <p className="quiet">{t('cost.none')}</p> : <Levels c={c} book={book} />}
              </Panel>
              <Basis c={c} />
            </>
          )}
        </Loaded>
      )}
    </BookFrame>
  );
}

function Levels({ c, book }: { c: Costs; book: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  const levels = useMemo(() => c.levels ?? [], [c.levels]);
  const names = useMemo(() => levels.map((l) => say('level', l.key)), [levels, say.ready]); // eslint-disable-line
  const bars = useMemo(() => {
    // Each level holds those before it, so a component stands in its own level and in all after.
    const parts = levels.flatMap((l, i) => (l.adds ?? []).map((a) => ({ a, i })));
    return parts.map(({ a, i }, n) => ({
      name: a.code ? say('account', a.code) : a.account, colour: colours[n % colours.length]!, values: levels.map((_, k) => (k < i || a.per_btc === undefined ? null : units(a.per_btc))),
    }));
  }, [levels, say.ready]); // eslint-disable-line
  return (
    <>
      <BarChart label={t('cost.label', { company: c.company, currency: c.currency })} names={names} bars={bars} unit={`${c.currency}/BTC`} stacked lying height={260} />
      <LastPrice book={book} currency={c.currency} />
      <div className="wide">
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col">{t('cost.level')}</th>
              <th scope="col">{t('cost.standing')}</th>
              <th scope="col" data-end>{t('cost.gross', { currency: c.currency })}</th>
              <th scope="col" data-end>{t('cost.perBtc', { currency: c.currency })}</th>
              <th scope="col" data-end>{t('cost.netPerBtc', { currency: c.currency })}</th>
              <th scope="col" data-end>{t('cost.perPh', { currency: c.currency })}</th>
            </tr>
          </thead>
          <tbody>{levels.map((l) => <LevelRows key={l.key} l={l} currency={c.currency} />)}</tbody>
        </table>
      </div>
    </>
  );
}

function LevelRows({ l, currency }: { l: Level; currency: string }) {
  const { t } = useTranslation('money');
  const say = useSay();
  return (
    <>
      {(l.adds ?? []).map((a) => (
        <tr key={a.account} data-deep="">
          <td><Account code={a.code} account={a.account} /></td>
          <td>
            {(a.standing ?? []).map((s) => (
              <div key={s.standing + (s.paper ?? '')} title={say.more('standing', s.standing)}>
                {say('standing', s.standing)}{s.paper ? <span className="quiet"> · {say('paper', s.paper)}</span> : null} <span className="quiet"><Amount micro={s.amount} currency={currency} named /></span>
              </div>
            ))}
          </td>
          <td data-end><Amount micro={a.amount} currency={currency} /></td>
          <td data-end><Amount micro={a.per_btc} currency={currency} blank /></td>
          <td />
          <td />
        </tr>
      ))}
      <tr data-sum="">
        <th scope="row" colSpan={2} title={say.more('level', l.key)}>{t('cost.levelN', { n: l.level, name: say('level', l.key) })}</th>
        <td data-end><Amount micro={l.gross} currency={currency} /></td>
        <td data-end><Amount micro={l.per_btc} currency={currency} blank /></td>
        <td data-end><Amount micro={l.net_per_btc} currency={currency} blank /></td>
        <td data-end><Amount micro={l.per_ph_day} currency={currency} blank /></td>
      </tr>
    </>
  );
}

/** The last price of bitcoin in the books, beside which the levels stand. */
function LastPrice({ book, currency }: { book: string; currency: string }) {
  const { t } = useTranslation('money');
  const path = useBookPath();
  const treasury = useGet('/v1/books/{book}/treasury', { params: { path: { book }, query: usePeriod() } }, { keep: true });
  const price = treasury.data?.price;
  if (price === undefined) return <Text size="sm" className="quiet">{t('cost.noPrice')}</Text>;
  return (
    <Text size="sm" my="xs">
      {t('cost.price')} <b><Amount micro={price.value} currency={`${currency}/BTC`} named /></b> · <When at={price.at} named /> · <bdi className="quiet">{price.source}</bdi> · <Link href={path(`evidence/${price.evidence}`)} className="plain">{t('evidence.paper')}</Link>
    </Text>
  );
}

/** On what it rests: keys, what is assumed, what no key divides, and what each use is left with. */
function Basis({ c }: { c: Costs }) {
  const { t } = useTranslation('money');
  const say = useSay();
  return (
    <Panel title={t('cost.basis')}>
      <ul className="basis">
        <li>{t('cost.days')} <bdi className="num">{c.days}</bdi> · {t('cost.unmetered')} <bdi className="num">{c.days_without_paper}</bdi></li>
        {(c.keys ?? []).map((k) => <li key={k}>{t('cost.key')} <bdi>{k}</bdi></li>)}
        {(c.assumed ?? []).map((a) => <li key={a}>{say('standing', 'assumed')}: <bdi>{a}</bdi></li>)}
        {(c.left ?? []).map((l) => <li key={l.account}>{t('cost.left')} <Account code={l.code} account={l.account} /> <Amount micro={l.amount} currency={c.currency} named /></li>)}
        {c.power_sold !== '0' && <li>{t('cost.sold')} <Amount micro={c.power_sold} currency={c.currency} named /></li>}
      </ul>
      {(c.margins ?? []).length > 0 && (
        <table className="ledger narrow">
          <caption>{t('cost.margins')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('cut.use')}</th>
              <th scope="col" data-end>{t('statement.amount', { currency: c.currency })}</th>
              <th scope="col" data-end>{t('cost.drawn')}</th>
              <th scope="col" data-end>{t('cost.perMwh', { currency: c.currency })}</th>
            </tr>
          </thead>
          <tbody>
            {(c.margins ?? []).map((m) => (
              <tr key={m.use}>
                <td><bdi>{say('use', m.use)}</bdi></td>
                <td data-end><Amount micro={m.net} currency={c.currency} /></td>
                <td data-end><Energy j={m.drawn_j} unit="MWh" /></td>
                <td data-end><Amount micro={m.per_mwh} currency={`${c.currency}/MWh`} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
