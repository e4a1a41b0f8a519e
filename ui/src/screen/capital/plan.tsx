import { useTranslation } from 'react-i18next';

import { AnswerPanel } from './answer';
import { Assumptions } from './figures';
import { Published } from './published';
import { PlanFrame } from './frame';
import { Covenants, Projects } from './projects';
import { Actuals, Schedule, Spend } from './schedule';
import { Statements } from './statements';

/** One plan worked out: what it comes to, on what it rests, and how it gets there. */
export default function PlanScreen() {
  const { t } = useTranslation('capital');
  return (
    <PlanFrame part="plan" says={t('plan.says')}>
      {({ work }) => (
        <>
          <AnswerPanel work={work} />
          <Assumptions work={work} />
          {(work.projects ?? []).length > 0 && (
            <>
              <Schedule work={work} />
              <Spend work={work} />
              <Actuals work={work} />
              <Projects work={work} />
            </>
          )}
          <Statements work={work} />
          <Covenants work={work} />
          <Published work={work} />
        </>
      )}
    </PlanFrame>
  );
}
