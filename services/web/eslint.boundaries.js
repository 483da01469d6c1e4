import path from 'node:path'

/** A feature is used through its index file only; `api`, `ui` and `format` never import a feature. */
export const featureBoundaries = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      internals: "Import '{{feature}}' through '@/features/{{feature}}', not its internals.",
      upwards: "'{{layer}}' is below the features and must not import one.",
    },
  },
  create(context) {
    const root = path.join(context.cwd, 'src')
    const from = path.relative(root, context.filename).split(path.sep)

    function check(node) {
      const request = node.source?.value
      if (typeof request !== 'string' || !/^[.@]/.test(request)) return
      const absolute = request.startsWith('@/')
        ? path.join(root, request.slice(2))
        : path.resolve(path.dirname(context.filename), request)
      const [layer, feature, ...rest] = path.relative(root, absolute).split(path.sep)
      if (layer !== 'features' || feature === undefined) return
      if (['api', 'ui', 'format', 'styles'].includes(from[0])) {
        context.report({ node, messageId: 'upwards', data: { layer: from[0] } })
      } else if (from[0] === 'features' && from[1] !== feature && rest.length > 0) {
        context.report({ node, messageId: 'internals', data: { feature } })
      }
    }

    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  },
}
