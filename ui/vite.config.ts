import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The page is served by the program itself: files with a hash in /assets never change,
// index.html is asked for each time.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0, // a data: URL would need a wider content policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900, // ECharts, which is fetched only where a chart is
  },
  test: { testTimeout: 60_000 }, // the tests of words read all of the code
  server: {
    proxy: { '/v1': { target: 'http://127.0.0.1:8321', changeOrigin: true } },
  },
});
