import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useOpen, usePlace } from './place';
import { useWord } from '../words/i18n';

export const openSearch = spotlight.open;

/** Finds screens and sites by their names. */
export function Search() {
  const { t } = useTranslation();
  const word = useWord();
  const [, go] = useLocation();
  const open = useOpen();
  const { sites, choose } = usePlace();
  const screens = open.map(({ route, path }) => ({
    id: path,
    label: word(route.word),
    description: route.group && t(`group.${route.group}`),
    onClick: () => go(path),
  }));
  const places = sites.map(({ site }) => ({ id: `site ${site}`, label: site, onClick: () => choose(site) }));
  return (
    <Spotlight
      shortcut={null} limit={12} overlayProps={{ blur: 0, backgroundOpacity: 0.35 }} attributes={{ content: { 'aria-label': t('nav.search') } }} nothingFound={t('nav.nothing')} scrollable maxHeight={420} transitionProps={{ duration: 0 }}
      searchProps={{ placeholder: t('nav.search'), 'aria-label': t('nav.search'), leftSection: <IconSearch size={18} aria-hidden /> }}
      actions={[
        { group: t('nav.screens'), actions: screens },
        { group: t('nav.sites'), actions: places },
      ].filter((g) => g.actions.length > 0)}
    />
  );
}
