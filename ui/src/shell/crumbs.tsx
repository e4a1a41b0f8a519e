import { Anchor, Breadcrumbs, Text } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { routes } from '../routes';
import { inGroup, pathOf, useOpen, usePlace, useRoute } from './place';
import { useWord } from '../words/i18n';

interface Crumb {
  text: string;
  set: (text: string) => void;
}

const Context = createContext<Crumb>({ text: '', set: () => {} });

/** Keeps what the screen in sight calls itself. */
export function CrumbProvider({ children }: { children: ReactNode }) {
  const [text, set] = useState('');
  const value = useMemo(() => ({ text, set }), [text]);
  return <Context value={value}>{children}</Context>;
}

/** Names the screen in sight at the end of the path. */
export function useCrumb(text: string): void {
  const { set } = useContext(Context);
  useEffect(() => set(text), [set, text]);
}

/** The way to the screen in sight: its group, the screens above it, itself. */
export function Crumbs() {
  const { t } = useTranslation();
  const word = useWord();
  const { text } = useContext(Context);
  const { site } = usePlace();
  const open = useOpen();
  const here = useRoute();
  if (here?.group === undefined) return null;
  const first = inGroup(open, here.group)[0];
  const above = routes.filter((r) => r !== here && r.group === here.group && here.path.startsWith(`${r.path}/`));
  return (
    <nav aria-label={t('nav.path')} className="crumbs">
      <Breadcrumbs separatorMargin="xs" fz="sm">
        {first === undefined || first.route === here ? (
          <Text fz="sm">{t(`group.${here.group}`)}</Text>
        ) : (
          <Anchor component={Link} href={first.path} fz="sm">
            {t(`group.${here.group}`)}
          </Anchor>
        )}
        {above.flatMap((route) => {
          const path = pathOf(route, site);
          if (path === null || route === first?.route) return [];
          return [
            <Anchor key={route.path} component={Link} href={path} fz="sm">
              {word(route.word)}
            </Anchor>,
          ];
        })}
        <Text fz="sm" aria-current="page" className="quiet" dir="auto">
          {text}
        </Text>
      </Breadcrumbs>
    </nav>
  );
}
