import './health.css';

import { Text } from '@mantine/core';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { Loaded, Page, Panel } from '../../part';
import { Facts, Gauge, Plain } from '../../part/plain';
import { Ago, Count, None, Share, useDuration, When } from '../../value';
import { useSay } from '../../words/code';
import { aged, bytes, feedAge } from './aged';

type S = components['schemas'];
type Site = S['SiteHealth'];

/** How the program lives: links, feeds, turns, disk, queues and messages. */
export default function Health() {
  const { t } = useTranslation('trust');
  const page = useGet('/v1/health', undefined, { refetchInterval: 5_000, keep: true });
  return (
    <Page title={t('health.title')} says={t('health.says')}>
      <Loaded of={page}>
        {(h) => (
          <>
            <Sites of={h} />
            {(h.sites ?? []).map((site) => <Feeds key={site.site} site={site} />)}
            <Halls of={h.halls ?? []} />
            <Program of={h} />
            <Computer of={h.computer} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** A mark in words and shape beside what is not as it should be. */
function Odd({ is, children }: { is: boolean; children: ReactNode }) {
  return is ? <b className="odd"><span aria-hidden>▲ </span>{children}</b> : children;
}

function Sites({ of }: { of: S['Health'] }) {
  const { t } = useTranslation('trust');
  const sites = of.sites ?? [];
  return (
    <Panel title={t('health.links')}>
      {sites.length === 0 ? <Text size="sm" className="quiet">{t('none')}</Text> : (
        <Plain label={t('health.links')}>
          <thead>
            <tr>
              <th scope="col">{t('col.site')}</th>
              <th scope="col">{t('health.heard')}</th>
              <th scope="col" data-end>{t('health.answer')}</th>
              <th scope="col" data-end>{t('health.offset')}</th>
              <th scope="col">{t('health.turn')}</th>
              <th scope="col">{t('health.solver')}</th>
              <th scope="col" data-end>{t('health.proving')}</th>
              <th scope="col" data-end>{t('health.silent')}</th>
              <th scope="col">{t('health.version')}</th>
              <th scope="col">{t('health.started')}</th>
            </tr>
          </thead>
          <tbody>{sites.map((s) => <SiteRow key={s.site} s={s} room={of.version} />)}</tbody>
        </Plain>
      )}
      <Text size="xs" className="quiet" mt="xs">{t('health.took')}</Text>
    </Panel>
  );
}

function SiteRow({ s, room }: { s: Site; room: string }) {
  const { t } = useTranslation('trust');
  const duration = useDuration();
  const say = useSay();
  const turned = s.turn === undefined || s.at === undefined ? null : Date.parse(s.at) - Date.parse(s.turn.at);
  return (
    <tr data-quiet={s.away ? '' : undefined}>
      <th scope="row"><bdi>{s.site}</bdi>{s.virtual && <Text size="xs" className="quiet">{t('health.virtual')}</Text>}</th>
      <td data-one><Odd is={s.away}>{s.away && <>{t('health.away')} </>}<Ago at={s.heard} /></Odd>{s.away && s.why_away && <Text size="xs" className="quiet" dir="auto">{s.why_away}</Text>}</td>
      <td data-end data-one><Count n={s.answer_ms} unit="ms" /></td>
      <td data-end data-one>{s.offset_ms === undefined ? <span className="quiet">{s.virtual ? t('health.ownClock') : t('health.unknown')}</span> : <Odd is={Math.abs(s.offset_ms) > 5000}><Count n={s.offset_ms} unit="ms" /></Odd>}</td>
      <td data-one>
        {turned === null ? <span className="quiet">{t('health.unknown')}</span> : <Odd is={turned > 2000 * s.turn!.period_seconds}>{t('health.ago', { age: duration(turned) })}</Odd>}
        {s.turn !== undefined && <Text size="xs" className="quiet">{t('health.every', { age: duration(s.turn.period_seconds * 1000) })}</Text>}
      </td>
      <td>{s.turn?.solver ? say('solver', s.turn.solver) : <span className="quiet">{t('health.unknown')}</span>}{s.turn?.fallback && <Text size="xs" dir="auto"><Odd is>{s.turn.fallback}</Odd></Text>}</td>
      <td data-end><Count n={s.heard === undefined ? null : s.proving} /></td>
      <td data-end><Count n={s.heard === undefined ? null : s.silent} /></td>
      <td><bdi dir="ltr">{s.version || '–'}</bdi>{s.version !== undefined && s.version !== room && <Text size="xs"><Odd is>{t('health.other')}</Odd></Text>}</td>
      <td data-one><When at={s.started} /></td>
    </tr>
  );
}

/** What a site is fed with, and how old each thing is by the clock of the site. */
function Feeds({ site }: { site: Site }) {
  const { t } = useTranslation('trust');
  const duration = useDuration();
  const feeds = site.feeds ?? [];
  if (feeds.length === 0) return null;
  return (
    <Panel title={t('health.feedsOf', { site: site.site })}>
      <Plain label={t('health.feedsOf', { site: site.site })}>
        <thead>
          <tr>
            <th scope="col">{t('health.feed')}</th>
            <th scope="col">{t('health.of')}</th>
            <th scope="col">{t('health.age')}</th>
            <th scope="col">{t('health.source')}</th>
          </tr>
        </thead>
        <tbody>
          {feeds.map((f) => {
            const age = feedAge(f, site);
            return (
              <tr key={`${f.feed} ${f.name ?? ''}`}>
                <th scope="row">{t(`health.feeds.${f.feed}`)}</th>
                <td>{f.name ? <bdi>{f.name}</bdi> : <span className="quiet">–</span>}</td>
                <td data-one>
                  {age === null ? <span className="quiet">{t('health.unknown')}</span> : (
                    <Odd is={aged(f.feed, age, site.turn?.period_seconds)}>{age < 0 ? t('health.ahead', { age: duration(-age) }) : t('health.ago', { age: duration(age) })}</Odd>
                  )}
                </td>
                <td>{f.source ? <bdi dir="ltr">{f.source}</bdi> : <span className="quiet">–</span>}{f.fault && <Text size="xs" dir="auto"><Odd is>{f.fault}</Odd></Text>}</td>
              </tr>
            );
          })}
        </tbody>
      </Plain>
    </Panel>
  );
}

function Halls({ of }: { of: readonly S['HallHealth'][] }) {
  const { t } = useTranslation('trust');
  if (of.length === 0) return null;
  return (
    <Panel title={t('health.halls')}>
      <Plain label={t('health.halls')}>
        <thead>
          <tr>
            <th scope="col">{t('health.hall')}</th>
            <th scope="col">{t('col.site')}</th>
            <th scope="col">{t('col.state')}</th>
            <th scope="col">{t('health.engine')}</th>
            <th scope="col">{t('health.seen')}</th>
          </tr>
        </thead>
        <tbody>
          {of.map((h) => (
            <tr key={h.hall}>
              <th scope="row"><bdi>{h.hall}</bdi></th>
              <td><bdi>{h.site}</bdi></td>
              <td><Odd is={!h.answers}>{h.answers ? t('health.answers') : t('health.away')}</Odd></td>
              <td>{h.engine ? <bdi dir="ltr">{h.engine}</bdi> : <span className="quiet">{t('health.unknown')}</span>}</td>
              <td data-one><When at={h.engine_seen} seconds /></td>
            </tr>
          ))}
        </tbody>
      </Plain>
    </Panel>
  );
}

/** The control room itself: pages that listen, messages that wait, programs of sites. */
function Program({ of: h }: { of: S['Health'] }) {
  const { t } = useTranslation('trust');
  const box = h.outbox;
  return (
    <Panel title={t('health.room')}>
      <Facts
        of={[
          [t('health.version'), <bdi key="v" dir="ltr">{h.version}</bdi>],
          [t('health.started'), <When key="s" at={h.started} named />],
          [t('health.viewers'), <Count key="w" n={h.stream.viewers} />],
          [t('health.longest'), <span key="l"><Count n={h.stream.longest} /> <span className="quiet">/ <Count n={h.stream.most} /></span></span>],
          [t('health.behind'), <Odd key="b" is={h.stream.behind > 0}><Count n={h.stream.behind} /></Odd>],
          [t('health.waiting'), box === undefined ? t('health.nobodyTold') : <span key="o"><Count n={box.waiting} />{box.oldest !== undefined && <> <span className="quiet"><Ago at={box.oldest} /></span></>}</span>],
          box !== undefined && [t('health.failed'), <Odd key="f" is={box.failed > 0}><Count n={box.failed} />{box.more ? '+' : ''}</Odd>],
        ]}
      />
      {box?.why && <Text size="sm" mt="xs"><span className="quiet">{t('health.why')}</span> <span dir="auto">{box.why}</span></Text>}
      {(h.programs ?? []).length > 0 && (
        <Plain label={t('health.programs')}>
          <thead>
            <tr>
              <th scope="col">{t('health.programs')}</th>
              <th scope="col">{t('col.state')}</th>
              <th scope="col" data-end>{t('health.restarts')}</th>
              <th scope="col">{t('health.ended')}</th>
            </tr>
          </thead>
          <tbody>
            {(h.programs ?? []).map((p) => (
              <tr key={p.site}>
                <th scope="row"><bdi>{p.site}</bdi></th>
                <td>{t(`health.state.${p.state}`)}</td>
                <td data-end><Odd is={p.restarts > 0}><Count n={p.restarts} /></Odd></td>
                <td dir="auto">{p.why ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </Panel>
  );
}

function Computer({ of }: { of: S['ComputerNow'] | undefined }) {
  const { t, i18n } = useTranslation('trust');
  if (of === undefined) return <Panel title={t('health.computer')}><Text size="sm" className="quiet">{t('health.unknown')}</Text></Panel>;
  const say = (n: number) => bytes(n, i18n.language);
  return (
    <Panel title={t('health.computer')}>
      {(of.disks ?? []).map((d) => (
        <div key={d.of} style={{ maxWidth: 520 }}>
          <Text size="sm"><span className="quiet">{t('health.disk')}</span> <Odd is={d.free_bytes < d.size_bytes / 10}><bdi dir="ltr" className="num">{say(d.free_bytes)}</bdi></Odd> <span className="quiet">/</span> <bdi dir="ltr" className="num">{say(d.size_bytes)}</bdi> (<Share of={d.size_bytes > 0 ? d.free_bytes / d.size_bytes : null} />)</Text>
          <Gauge label={t('health.diskLabel', { free: say(d.free_bytes), size: say(d.size_bytes) })} most={d.size_bytes} parts={[{ of: d.size_bytes - d.free_bytes, tone: 'half' }]} />
        </div>
      ))}
      <Facts of={[[t('health.backup'), of.backup === undefined ? <span key="b" className="quiet">{t('health.noBackup')}</span> : <Ago key="b" at={of.backup} />]]} />
      {(of.files ?? []).length === 0 ? <None /> : (
        <Plain label={t('health.files')}>
          <thead>
            <tr>
              <th scope="col">{t('health.files')}</th>
              <th scope="col" data-end>{t('health.size')}</th>
              <th scope="col">{t('health.changed')}</th>
            </tr>
          </thead>
          <tbody>
            {(of.files ?? []).map((f) => (
              <tr key={f.name}>
                <th scope="row"><bdi dir="ltr">{f.name}</bdi></th>
                <td data-end><bdi dir="ltr" className="num">{say(f.bytes)}</bdi></td>
                <td data-one><Ago at={f.changed} /></td>
              </tr>
            ))}
          </tbody>
        </Plain>
      )}
    </Panel>
  );
}
