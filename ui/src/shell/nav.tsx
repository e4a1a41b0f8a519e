import { NavLink, ScrollArea } from '@mantine/core';
import {
  IconActivity, IconBuildingBank, IconBuildingWarehouse, IconCalendarTime, IconCoins, IconCpu, IconSettings, IconShieldCheck, type TablerIcon,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { type Group, groups } from '../routes';
import { inGroup, type Open, useOpen, useRoute } from './place';
import { useWord } from '../words/i18n';

const icons: Record<Group, TablerIcon> = {
  now: IconActivity, plan: IconCalendarTime, fleet: IconCpu, hosting: IconBuildingWarehouse, money: IconCoins, capital: IconBuildingBank, trust: IconShieldCheck, setup: IconSettings,
};

/** The mark of a group. */
export function GroupIcon({ group }: { group: Group }) {
  const Icon = icons[group];
  return <Icon size={20} stroke={1.6} aria-hidden />;
}

/** All screens by group. `onGo` is told when one was picked. */
export function Nav({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  const open = useOpen();
  return (
    <ScrollArea h="100%" type="auto">
      <nav aria-label={t('nav.screens')} className="nav">
        {groups.map((group) => (
          <Section key={group} group={group} screens={inGroup(open, group)} onGo={onGo} />
        ))}
        <NavLink component={Link} href="/screens" label={t('screens.title')} onClick={onGo} className="nav-link" />
      </nav>
    </ScrollArea>
  );
}

function Section({ group, screens, onGo }: { group: Group; screens: readonly Open[]; onGo?: () => void }) {
  const { t } = useTranslation();
  const word = useWord();
  const [path] = useLocation();
  const here = useRoute();
  const [unfolded, unfold] = useState<boolean | null>(null);
  if (screens.length === 0) return null;
  return (
    <NavLink
      label={t(`group.${group}`)} leftSection={<GroupIcon group={group} />} className="nav-group" component="button" type="button"
      opened={unfolded ?? here?.group === group} onChange={unfold} childrenOffset={28}
    >
      {screens.map(({ route, path: to }) => (
        <NavLink
          key={route.path} component={Link} href={to} label={word(route.word)} onClick={onGo} active={to === path} className="nav-link"
          aria-current={to === path ? 'page' : undefined} leftSection={route.icon && <route.icon size={16} aria-hidden />}
        />
      ))}
    </NavLink>
  );
}
