import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { session } from '@/api/session'
import { meQuery, setupRequired } from '@/features/auth'
import { AppError } from './AppError'
import { NotFound } from './NotFound'
import { queryClient } from './queryClient'
import { RequirePermission } from './RequirePermission'
import { parseSearch, stringifySearch, textSearch } from './search'
import { Shell } from './Shell'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: AppError })

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: textSearch('next'),
  component: lazyRouteComponent(() => import('@/features/auth/pages/LoginPage')),
  beforeLoad: async () => {
    if (await session.restore()) throw redirect({ to: '/' })
    if (await setupRequired()) throw redirect({ to: '/setup' })
  },
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: textSearch('token'),
  component: lazyRouteComponent(() => import('@/features/auth/pages/SetupPage')),
})

/** Everything that needs a signed-in account. */
const app = createRoute({
  getParentRoute: () => root,
  id: '_app',
  component: Shell,
  beforeLoad: async ({ location }) => {
    if (!(await session.restore())) {
      if (await setupRequired()) throw redirect({ to: '/setup' })
      throw redirect({ to: '/login', search: { next: location.href === '/' ? undefined : location.href } })
    }
    await queryClient.ensureQueryData(meQuery)
  },
})

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/overview/pages/OverviewPage')),
})

const containers = createRoute({
  getParentRoute: () => app,
  path: '/containers',
  validateSearch: textSearch('q', 'state', 'host', 'sort', 'desc', 'do'),
  component: lazyRouteComponent(() => import('@/features/containers/pages/ContainersPage')),
})

const hosts = createRoute({
  getParentRoute: () => app,
  path: '/hosts',
  validateSearch: textSearch('q', 'label', 'state', 'sort', 'desc'),
  component: lazyRouteComponent(() => import('@/features/hosts/pages/HostsPage')),
})

const host = createRoute({
  getParentRoute: () => app,
  path: '/hosts/$host',
  validateSearch: textSearch('do'),
  component: lazyRouteComponent(() => import('@/features/hosts/pages/HostPage')),
})

const container = createRoute({
  getParentRoute: () => app,
  path: '/hosts/$host/containers/$id',
  component: lazyRouteComponent(() => import('@/features/containers/pages/ContainerPage')),
})

const newContainer = createRoute({
  getParentRoute: () => app,
  path: '/containers/new',
  validateSearch: textSearch('host', 'image'),
  component: () => (
    <RequirePermission permission="containers.create">
      <NewContainerPage />
    </RequirePermission>
  ),
})
const NewContainerPage = lazyRouteComponent(() => import('@/features/containers/pages/NewContainerPage'))

const resources = [
  createRoute({
    getParentRoute: () => app,
    path: '/images',
    validateSearch: textSearch('q', 'host', 'use', 'sort', 'desc', 'do'),
    component: lazyRouteComponent(() => import('@/features/images/pages/ImagesPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/hosts/$host/images/$id',
    component: lazyRouteComponent(() => import('@/features/images/pages/ImagePage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/volumes',
    validateSearch: textSearch('q', 'host', 'use', 'sort', 'desc', 'do'),
    component: lazyRouteComponent(() => import('@/features/volumes/pages/VolumesPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/volumes/backups',
    validateSearch: textSearch('host', 'volume'),
    component: lazyRouteComponent(() => import('@/features/volumes/pages/BackupsPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/hosts/$host/volumes/$name',
    validateSearch: textSearch('tab', 'path'),
    component: lazyRouteComponent(() => import('@/features/volumes/pages/VolumePage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/networks',
    validateSearch: textSearch('q', 'host', 'view', 'sort', 'desc', 'do'),
    component: lazyRouteComponent(() => import('@/features/networks/pages/NetworksPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/hosts/$host/networks/$id',
    component: lazyRouteComponent(() => import('@/features/networks/pages/NetworkPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/stacks',
    validateSearch: textSearch('q', 'host', 'state', 'sort', 'desc'),
    component: lazyRouteComponent(() => import('@/features/stacks/pages/StacksPage')),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/stacks/new',
    validateSearch: textSearch('host'),
    component: () => (
      <RequirePermission permission="stacks.manage">
        <NewStackPage />
      </RequirePermission>
    ),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/schedules',
    validateSearch: textSearch('q', 'sort', 'desc'),
    component: () => (
      <RequirePermission permission="schedules.manage">
        <SchedulesPage />
      </RequirePermission>
    ),
  }),
  createRoute({
    getParentRoute: () => app,
    path: '/jobs',
    validateSearch: textSearch('state', 'kind', 'host'),
    component: lazyRouteComponent(() => import('@/features/jobs/pages/JobsPage')),
  }),
] as const

const NewStackPage = lazyRouteComponent(() => import('@/features/stacks/pages/NewStackPage'))
const SchedulesPage = lazyRouteComponent(() => import('@/features/schedules/pages/SchedulesPage'))

const stack = createRoute({
  getParentRoute: () => app,
  path: '/hosts/$host/stacks/$name',
  component: lazyRouteComponent(() => import('@/features/stacks/pages/StackPage')),
})

const stackTabs = [
  createRoute({
    getParentRoute: () => stack,
    path: '/',
    beforeLoad: ({ params }) => {
      throw redirect({ to: '/hosts/$host/stacks/$name/services', params, replace: true })
    },
  }),
  createRoute({
    getParentRoute: () => stack,
    path: 'services',
    component: lazyRouteComponent(() => import('@/features/stacks/pages/ServicesTab')),
  }),
  createRoute({
    getParentRoute: () => stack,
    path: 'editor',
    validateSearch: textSearch('revision'),
    component: lazyRouteComponent(() => import('@/features/stacks/pages/EditorTab')),
  }),
  createRoute({
    getParentRoute: () => stack,
    path: 'logs',
    validateSearch: textSearch('q', 're', 'cs', 'inv', 'lv', 'st', 'tail', 'ts', 'wrap', 'line', 'hide', 'split'),
    component: lazyRouteComponent(() => import('@/features/stacks/pages/LogsTab')),
  }),
  createRoute({
    getParentRoute: () => stack,
    path: 'jobs',
    component: lazyRouteComponent(() => import('@/features/stacks/pages/JobsTab')),
  }),
] as const

const containerIndex = createRoute({
  getParentRoute: () => container,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/hosts/$host/containers/$id/overview', params, replace: true })
  },
})

const containerTabs = [
  createRoute({
    getParentRoute: () => container,
    path: 'overview',
    component: lazyRouteComponent(() => import('@/features/containers/pages/OverviewTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'logs',
    validateSearch: textSearch('q', 're', 'cs', 'inv', 'lv', 'st', 'tail', 'ts', 'wrap', 'line'),
    component: lazyRouteComponent(() => import('@/features/logs/pages/LogsTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'stats',
    validateSearch: textSearch('range', 'window', 'view'),
    component: lazyRouteComponent(() => import('@/features/stats/pages/StatsTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'terminal',
    component: () => (
      <RequirePermission permission="containers.exec">
        <TerminalTab />
      </RequirePermission>
    ),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'files',
    validateSearch: textSearch('path'),
    component: lazyRouteComponent(() => import('@/features/files/pages/FilesTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'processes',
    component: lazyRouteComponent(() => import('@/features/containers/pages/ProcessesTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'changes',
    validateSearch: textSearch('q', 'kind'),
    component: lazyRouteComponent(() => import('@/features/containers/pages/ChangesTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'inspect',
    validateSearch: textSearch('view'),
    component: lazyRouteComponent(() => import('@/features/containers/pages/InspectTab')),
  }),
  createRoute({
    getParentRoute: () => container,
    path: 'events',
    component: lazyRouteComponent(() => import('@/features/events/pages/ContainerEventsTab')),
  }),
] as const

const TerminalTab = lazyRouteComponent(() => import('@/features/terminal/pages/TerminalTab'))

const logs = createRoute({
  getParentRoute: () => app,
  path: '/logs',
  validateSearch: textSearch('c', 'stack', 'q', 're', 'cs', 'inv', 'lv', 'st', 'tail', 'ts', 'wrap', 'line', 'hide', 'split'),
  component: lazyRouteComponent(() => import('@/features/logs/pages/MergedLogsPage')),
})

const events = createRoute({
  getParentRoute: () => app,
  path: '/events',
  validateSearch: textSearch('host', 'kind', 'action', 'q', 'exec', 'since', 'until', 'from', 'to'),
  component: lazyRouteComponent(() => import('@/features/events/pages/EventsPage')),
})

const users = createRoute({
  getParentRoute: () => app,
  path: '/admin/users',
  component: () => (
    <RequirePermission permission="users.manage">
      <UsersPage />
    </RequirePermission>
  ),
})
const UsersPage = lazyRouteComponent(() => import('@/features/users/pages/UsersPage'))

const registries = createRoute({
  getParentRoute: () => app,
  path: '/admin/registries',
  component: () => (
    <RequirePermission permission="registries.read">
      <RegistriesPage />
    </RequirePermission>
  ),
})
const RegistriesPage = lazyRouteComponent(() => import('@/features/registries/pages/RegistriesPage'))

const recordings = createRoute({
  getParentRoute: () => app,
  path: '/admin/recordings',
  validateSearch: textSearch('user', 'container', 'host'),
  component: () => (
    <RequirePermission permission="recordings.read">
      <RecordingsPage />
    </RequirePermission>
  ),
})
const RecordingsPage = lazyRouteComponent(() => import('@/features/recordings/pages/RecordingsPage'))

const recording = createRoute({
  getParentRoute: () => app,
  path: '/admin/recordings/$id',
  component: () => (
    <RequirePermission permission="recordings.read">
      <RecordingPage />
    </RequirePermission>
  ),
})
const RecordingPage = lazyRouteComponent(() => import('@/features/recordings/pages/RecordingPage'))

const audit = createRoute({
  getParentRoute: () => app,
  path: '/admin/audit',
  validateSearch: textSearch('q', 'actor', 'action', 'outcome', 'since', 'until'),
  component: () => (
    <RequirePermission permission="audit.read">
      <AuditPage />
    </RequirePermission>
  ),
})
const AuditPage = lazyRouteComponent(() => import('@/features/audit/pages/AuditPage'))

const appNotFound = createRoute({ getParentRoute: () => app, path: '$', component: NotFound })

const routeTree = root.addChildren([
  login,
  setup,
  app.addChildren([
    overview,
    containers,
    newContainer,
    ...resources,
    hosts,
    host,
    container.addChildren([containerIndex, ...containerTabs]),
    stack.addChildren([...stackTabs]),
    logs,
    events,
    users,
    registries,
    recordings,
    recording,
    audit,
    appNotFound,
  ]),
])

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: AppError,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
