import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';
import { useComputedColorScheme } from '@mantine/core';

import { dark, light, type Tokens, variables } from './tokens';

// Buttons are grey like everything that is normal.
const graphite: MantineColorsTuple = [
  '#F5F6F7',
  '#E9EBED',
  '#CDD2D7',
  '#C3CAD1',
  '#A9B0B7',
  '#8B959F',
  '#6A737B',
  '#4A5560',
  '#363D44',
  '#25292D',
];

const dusk: MantineColorsTuple = [
  '#E8EAEC',
  '#C3CAD1',
  '#A9B0B7',
  '#7A8289',
  '#4A5158',
  '#3D4349',
  '#2D3237',
  '#25292D',
  '#1C1F22',
  '#15181A',
];

const fonts = "'Inter', 'Noto Sans Arabic', system-ui, sans-serif";

export const theme = createTheme({
  primaryColor: 'graphite',
  primaryShade: { light: 7, dark: 6 },
  colors: { graphite, dark: dusk },
  fontFamily: fonts,
  headings: { fontFamily: fonts, fontWeight: '600', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.1rem' }, h3: { fontSize: '1rem' } } },
  defaultRadius: 'sm',
  focusRing: 'always',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { tt: 'none' } }, // upper case has no meaning in Arabic
    Anchor: { defaultProps: { underline: 'always' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 32 } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 0 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 0 } } },
    // A menu holds its items and nothing else.
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md', withInitialFocusPlaceholder: false } },
  },
});

const mantine = (t: Tokens): Record<string, string> => ({
  ...variables(t),
  '--mantine-color-body': t.ground,
  '--mantine-color-text': t.text,
  '--mantine-color-dimmed': t.muted,
  '--mantine-color-placeholder': t.muted,
  '--mantine-color-anchor': t.text,
  '--mantine-color-default': t.raised,
  '--mantine-color-default-border': t.line,
  '--mantine-color-error': t.alarm1,
});

/** Gives the tokens to the style sheets. */
export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: mantine(light), dark: mantine(dark) });

/** The tokens in force, for what paints on a canvas and cannot read variables. */
export function useTokens(): Tokens {
  return useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark' ? dark : light;
}
