import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.DOCKLINE_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // The content security policy allows no data: URLs for fonts, and hashed files are cached for good.
    assetsInlineLimit: 0,
  },
  css: {
    preprocessorOptions: {
      // Bootstrap 5.3 still uses @import and global functions.
      scss: { quietDeps: true, silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'] },
    },
  },
  server: {
    // The server takes requests from its own pages only; during development this one stands in for them.
    proxy: {
      '/api': { target: server, headers: { origin: server } },
      '/ws': { target: server, ws: true, headers: { origin: server } },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./vitest.setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
