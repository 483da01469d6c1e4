import config from './playwright.config'

/** Makes the pictures of the README, `npm run pictures`: with what the browser tests need in the environment. */
export default {
  ...config,
  testDir: 'screenshots',
  projects: [{ name: 'pictures' }],
}
