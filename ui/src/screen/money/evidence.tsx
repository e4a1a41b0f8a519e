import { CopyButton, Button } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Count } from '../../value';
import { useSay } from '../../words/code';
import { BookFrame, useBookPath } from './frame';
import { Facts } from './transaction';
import { Booked } from './transactions';
import { type Branch, branches } from './tree';

type Paper = Got<'/v1/books/{book}/evidence/{hash}'>;

/** The paper that something was booked from, as it was filed. */
export default function EvidenceScreen() {
  const { t } = useTranslation('money');
  const say = useSay();
  const { book = '', hash = '' } = useNamed();
  const [params] = useSearchParams();
  const path = useBookPath();
  const paper = useGet('/v1/books/{book}/evidence/{hash}', { params: { path: { book, hash } } });
  const tx = params.get('tx');
  const invoice = params.get('invoice');
  const trail = tx !== null ? [{ name: tx, path: path(`transactions/${encodeURIComponent(tx)}`) }] : invoice !== null ? [{ name: invoice, path: path(`invoices/${encodeURIComponent(invoice)}`) }] : [];
  return (
    <BookFrame title={paper.data === undefined ? t('evidence.title') : `${say('paper', paper.data.kind)} · ${paper.data.name}`} part={invoice === null ? 'transactions' : 'invoices'} trail={trail}>
      {(b) => (
        <>
          <Loaded of={paper}>
            {(p) => (
              <>
                <Panel title={t('evidence.about')}><Facts of={[
                  [t('evidence.kind'), say('paper', p.kind)],
                  [t('evidence.name'), <bdi key="n">{p.name}</bdi>],
                  [t('evidence.standing'), <span key="s">{say('standing', p.standing)} <span className="quiet">{say.more('standing', p.standing)}</span></span>],
                  [t('evidence.size'), <Count key="z" n={p.size} unit="B" />],
                  [t('evidence.hash'), <span key="h"><bdi dir="ltr" className="hash" data-hash="1">{p.hash}</bdi> <CopyButton value={p.hash}>{({ copied, copy }) => <Button size="compact-xs" variant="default" className="noprint" onClick={copy}>{copied ? t('evidence.copied') : t('evidence.copy')}</Button>}</CopyButton></span>],
                ]} /></Panel>
                <Panel title={t('evidence.body')}><Body p={p} /></Panel>
              </>
            )}
          </Loaded>
          <Panel title={t('evidence.from')}><From hash={hash} currency={b.currency} zone={b.zone} /></Panel>
        </>
      )}
    </BookFrame>
  );
}

/** What was booked from it. */
function From({ hash, currency, zone }: { hash: string; currency: string; zone: string }) {
  const { book = '' } = useNamed();
  const booked = useGet('/v1/books/{book}/transactions', { params: { path: { book }, query: { evidence: hash, limit: 100 } } });
  return <Loaded of={booked}>{(x) => <Booked rows={x.page ?? []} account="" currency={currency} zone={zone} />}</Loaded>;
}

function Body({ p }: { p: Paper }) {
  const { t } = useTranslation('money');
  const tree = useMemo(() => {
    if (p.form !== 'json' || p.cut || p.text === undefined) return null;
    try {
      return branches(JSON.parse(p.text));
    } catch {
      return null;
    }
  }, [p]);
  if (p.text === undefined) return <p className="quiet">{t('evidence.binary')}</p>;
  return (
    <>
      {p.cut && <p>{t('evidence.cut')}</p>}
      {tree === null ? <pre className="paper-text" dir="ltr" tabIndex={0}>{p.text}</pre> : <div dir="ltr"><Tree of={tree} /></div>}
    </>
  );
}

function Tree({ of }: { of: readonly Branch[] }) {
  return (
    <ul className="paper">
      {of.map((b) => (
        <li key={b.key}>
          {b.children === undefined ? (
            <>
              {b.key !== '' && <bdi className="quiet">{b.key}: </bdi>}
              <bdi className="num">{b.value}{b.unit === undefined ? '' : `\u00A0${b.unit}`}</bdi>
            </>
          ) : (
            <details open={b.children.length <= 60}>
              <summary><bdi>{b.key}</bdi> <span className="quiet num">({b.children.length})</span></summary>
              <Tree of={b.children} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
