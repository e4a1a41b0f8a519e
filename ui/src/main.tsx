import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './theme/fonts.css';
import './theme/page.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App, nonce } from './app';
import { startWords } from './words/i18n';

// What locks the scrolling behind a dialogue adds a style element of its own, with this nonce.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce();

await startWords();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
