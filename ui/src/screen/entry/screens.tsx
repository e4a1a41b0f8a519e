import { Anchor, List, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Page, Panel } from '../../part';
import { groups } from '../../routes';
import { inGroup, type Open, useOpen } from '../../shell/place';
import { useWord } from '../../words/i18n';

function Links({ screens }: { screens: readonly Open[] }) {
  const word = useWord();
  return (
    <List listStyleType="none">
      {screens.map(({ route, path }) => (
        <List.Item key={path}>
          <Anchor component={Link} href={path} className="tall">{word(route.word)}</Anchor>
        </List.Item>
      ))}
    </List>
  );
}

/** Every screen that the person may open, by group. */
export default function Screens() {
  const { t } = useTranslation();
  const open = useOpen();
  return (
    <Page title={t('screens.title')} says={t('screens.says')}>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        {groups.map((group) => {
          const screens = inGroup(open, group);
          return (
            screens.length > 0 && (
              <Panel key={group} title={t(`group.${group}`)}>
                <Links screens={screens} />
              </Panel>
            )
          );
        })}
        <Panel title={<Text span inherit>{t('nav.more')}</Text>}>
          <Links screens={open.filter((o) => o.route.group === undefined)} />
        </Panel>
      </SimpleGrid>
    </Page>
  );
}
