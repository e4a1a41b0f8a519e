import { Link } from 'wouter';

import { useSay } from '../../words/code';
import { useBookPath } from './frame';

/** An account by its name for people, with its own beside it; it leads to what was booked there. */
export function Account({ code, account, plain = false }: { code?: string | undefined; account: string; plain?: boolean }) {
  const say = useSay();
  const path = useBookPath();
  const label = code === undefined || code === '' ? '' : say('account', code);
  const inner = label === '' || label === code ? <bdi dir="ltr">{account}</bdi> : label;
  return (
    <>
      {plain ? inner : <Link href={path('transactions', { account })}>{inner}</Link>}
      {inner === label && <> <bdi dir="ltr" className="quiet">{account}</bdi></>}
    </>
  );
}
