// Runs before the first paint, so that the page never flashes in the wrong theme.
(function () {
  var choice = 'auto'
  try {
    choice = localStorage.getItem('dockline.theme') || 'auto'
  } catch (e) {
    // Storage can be forbidden; then the system decides.
  }
  var light = choice === 'light' || (choice === 'auto' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.setAttribute('data-bs-theme', light ? 'light' : 'dark')
})()
