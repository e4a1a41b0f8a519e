import { Group, Switch, Text, TextInput } from '@mantine/core';
import { Fragment, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { useCodes } from '../../part/code';
import { Facts, Plain } from '../../part/plain';
import { Count, Show } from '../../value';
import { digits, numbers } from '../../value/format';
import { Amount, StandingOf, useUnit } from './amount';
import { counts, type Figure, placeOf, sections, type Work } from './data';

/** What a figure is called. */
export function useFigureName(): (f: Figure) => string {
  const { t } = useTranslation('capital');
  const code = useCodes();
  return (f) => {
    const { key, nth } = placeOf(f.place);
    const name = code('capitalKey', key);
    return nth === 0 ? name : t('figure.nth', { name, n: nth });
  };
}

/** The value of a figure with its unit. */
export function FigureValue({ of, text }: { of: Figure; text?: string }) {
  const { i18n } = useTranslation();
  const unitOf = useUnit();
  if (of.month) return <Show figure={{ text: text ?? of.text, unit: '', exact: of.text }} />;
  const n = Number(text ?? of.text) * (of.share ? 100 : 1);
  const exact = `${text ?? of.text} ${of.unit ?? ''}`.trim();
  if (n >= 1e12) return <Show figure={{ text: digits(n / 1e12, i18n.language), unit: 'T', exact }} />;
  const shown = numbers(i18n.language, { maximumFractionDigits: 8, useGrouping: true }).format(n);
  return <Show figure={{ text: shown, unit: unitOf(of.unit ?? ''), exact }} />;
}

/** What a part of a plan is called, and what in it is meant. */
export function SectionName({ part, of }: { part: string; of: string }) {
  const code = useCodes();
  return <>{code('capitalPart', part)}{of.split('.').filter((word) => word !== '').map((word, i) => <Fragment key={i}> › {known.has(word) ? code('capitalPart', word) : <bdi translate="no">{word}</bdi>}</Fragment>)}</>;
}

/** Words of a place that the plan itself chose, and no person. */
const known: ReadonlySet<string> = new Set(['fleet', 'power', 'contract', 'phases', 'equipment', 'slip']);

/** Every figure of the plan with its unit, where it comes from, and how sure it is. */
export function Assumptions({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const figures = work.figures ?? [];
  return (
    <Panel title={t('figure.title')}>
      <Facts of={[[t('figure.all'), <Count key="n" n={figures.length} />], ...counts(figures).map(([standing, n]) => [<StandingName key={standing} of={standing} />, <Count key={standing} n={n} />] as never)]} />
      <Text size="sm" className="quiet ca-says" my="sm">{t('figure.says')}</Text>
      <Histories work={work} />
      <FigureTable figures={figures} value={(f) => <FigureValue of={f} />} />
    </Panel>
  );
}

function StandingName({ of }: { of: string }) {
  return <StandingOf of={of} />;
}

/** The power prices on which it rests. */
function Histories({ work }: { work: Work }) {
  const { t } = useTranslation('capital');
  const all = work.histories ?? [];
  if (all.length === 0) return null;
  return (
    <ul className="ca-warn">
      {all.map((h) => (
        <li key={h.name}>
          {t('figure.history')} <bdi translate="no">{h.name}</bdi> (<bdi dir="ltr" translate="no">{h.file}</bdi>): {t('figure.weeks', { count: h.weeks, n: h.weeks })}, {t('figure.mean')} <Amount of={h.mean_per_mwh} currency={work.currency} per="MWh" />
          {h.synthetic && <> <b><span aria-hidden>▲</span> {t('figure.synthetic')}</b></>}
        </li>
      ))}
    </ul>
  );
}

/** A table of figures by part, which can be searched and narrowed to what is assumed. */
export function FigureTable({ figures, value, changed }: { figures: readonly Figure[]; value: (f: Figure) => ReactNode; changed?: ReadonlySet<string> }) {
  const { t } = useTranslation('capital');
  const nameOf = useFigureName();
  const [text, setText] = useState('');
  const [assumed, setAssumed] = useState(false);
  const wanted = text.trim().toLowerCase();
  const shown = figures.filter((f) => (!assumed || f.standing === 'assumed') && (wanted === '' || `${nameOf(f)} ${f.place} ${f.from ?? ''}`.toLowerCase().includes(wanted)));
  return (
    <>
      <Group mb="xs" align="flex-end">
        <TextInput label={t('figure.search')} value={text} onChange={(e) => setText(e.currentTarget.value)} w={240} size="sm" data-search="1" />
        <Switch label={t('figure.onlyAssumed')} checked={assumed} onChange={(e) => setAssumed(e.currentTarget.checked)} />
        <Text size="sm" className="quiet">{t('ofAll', { n: shown.length, all: figures.length })}</Text>
      </Group>
      <div className="ca-long">
        <Plain label={t('figure.title')}>
          <thead><tr><th scope="col">{t('figure.figure')}</th><th scope="col" data-end="">{t('figure.value')}</th><th scope="col">{t('figure.standing')}</th><th scope="col">{t('figure.source')}</th></tr></thead>
          <tbody>
            {sections(shown).map((s) => (
              <Fragment key={`${s.part} ${s.of}`}>
                <tr className="ca-group"><th scope="rowgroup" colSpan={4}><SectionName part={s.part} of={s.of} /></th></tr>
                {s.figures.map((f) => (
                  <tr key={f.place} data-place={f.place}>
                    <th scope="row" className="ca-place">{changed?.has(f.place) ? <b>{nameOf(f)}</b> : nameOf(f)}</th>
                    <td data-end="">{value(f)}</td>
                    <td><StandingOf of={f.standing} /></td>
                    <td dir="auto"><bdi translate="no">{f.from ?? ''}</bdi>{f.base !== undefined && <span className="quiet"> · {t('figure.per')} <bdi translate="no">{f.base}</bdi></span>}</td>
                  </tr>
                ))}
              </Fragment>
            ))}
          </tbody>
        </Plain>
      </div>
    </>
  );
}
