import { defineConfig } from '@playwright/test'

const topology = process.env.DOCKLINE_E2E_TOPOLOGY ?? 'standalone'

export default defineConfig({
  testDir: 'e2e',
  // The same tests, whatever `support/server.ts` starts for them; but pages look the same everywhere.
  projects: [{ name: topology, testIgnore: topology === 'standalone' ? [] : '**/look.spec.ts' }],
  // One server, one engine, one browser: the tests share them, and two at a time would only wait.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI === 'true',
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  // What one topology left is still there after the next one.
  outputDir: `test-results/${topology}`,
  use: {
    // Never downloaded: the browser of the system.
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        '--no-first-run',
      ],
    },
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
  },
})
