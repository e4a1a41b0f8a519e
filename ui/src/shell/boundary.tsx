import { Component, type ReactNode } from 'react';
import { Translation } from 'react-i18next';

import { Fault } from '../part/fault';
import { Page } from '../part/page';

interface State {
  error: unknown;
}

/** Keeps a screen that fails from taking the others with it. A new key begins anew. */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Translation>
        {(t) => (
          <Page title={t('broken.title')} says={t('broken.says')}>
            <Fault error={this.state.error} retry={() => this.setState({ error: null })} />
          </Page>
        )}
      </Translation>
    );
  }
}
