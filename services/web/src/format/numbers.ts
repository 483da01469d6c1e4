const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes with three significant digits, in the units that the docker CLI uses for memory. */
export function bytes(value: number): string {
  let unit = 0
  let rest = Math.abs(value)
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024
    unit++
  }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2
  return `${value < 0 ? '-' : ''}${rest.toFixed(digits)} ${UNITS[unit]}`
}

export function rate(value: number): string {
  return `${bytes(value)}/s`
}

/** The same for the ends of a scale: `512 KiB`, without decimals that say nothing. */
export function roundBytes(value: number): string {
  return bytes(value).replace(/\.0+ /, ' ').replace(/(\.\d*?)0+ /, '$1 ')
}

export function roundPercent(value: number): string {
  return `${Number(value.toPrecision(3))} %`
}

/** Per cent of one CPU, as docker prints it; more than 100 on several CPUs. */
export function percent(value: number): string {
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} %`
}

const COUNT = new Intl.NumberFormat('en')

export function count(value: number): string {
  return COUNT.format(value)
}

/** A time that an answer took. */
export function milliseconds(value: number): string {
  return value < 1 ? '< 1 ms' : `${count(value)} ms`
}

/** `1 container`, `3 containers`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
