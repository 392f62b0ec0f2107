import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { clock, clockMinutes } from '../format'
import type { Samples, Stream } from '../model'
import { hasLine, KINDS, windowName, windowOf, type Kind } from '../plot-data'

const HEIGHT = 132

/** How wide a time below a plot is: the last one, at the right edge, needs half of it beyond. */
const TIME_LABEL = 50

/** The sources in the last minutes, side by side in each plot; the band on top is the colour of the one that was on. */
export function Plots({ stream, samples }: { stream: Stream; samples: Samples | null }) {
  return (
    <section class="panel plots" aria-label="The last minutes">
      <header>
        <h2>{windowName(windowOf(samples?.time ?? []))}</h2>
        <ul class="legend">{samples?.sources.map((source, n) => <li key={source.name} style={{ '--line': `var(--s${n % 6})` }}>{source.name}</li>)}</ul>
      </header>
      <div class="grid">{KINDS.map(kind => <Plot key={kind.title} kind={kind} stream={stream} samples={samples} />)}</div>
    </section>
  )
}

function Plot({ kind, stream, samples }: { kind: Kind; stream: Stream; samples: Samples | null }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const newest = useRef(samples)
  newest.current = samples
  const names = samples?.sources.map(source => source.name).join('\n') ?? ''

  useEffect(() => {
    const { current: to } = place
    if (!to || !names) return
    const build = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(kind, names.split('\n'), to.clientWidth, newest), dataOf(kind, newest.current!), to)
    }
    build()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: to.clientWidth, height: HEIGHT }))
    resized.observe(to)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', build)
    return () => {
      dark.removeEventListener('change', build)
      resized.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [names])
  useEffect(() => { if (samples) plot.current?.setData(dataOf(kind, samples)) }, [samples])

  const isEmpty = samples === null || !samples.sources.some(source => hasLine(kind.column(source)))
  return (
    <figure>
      <figcaption>{kind.title} <span class="hint">{kind.unit}</span></figcaption>
      <div ref={place} class="plot" role="img" aria-label={isEmpty ? `${kind.title}: ${kind.nothing(stream)}` : say(kind, samples)}>
        {isEmpty && <p class="hint">{kind.nothing(stream)}</p>}
      </div>
    </figure>
  )
}

function dataOf({ column }: Kind, samples: Samples): uPlot.AlignedData {
  return [samples.time.map(time => time / 1000), ...samples.sources.map(column)]
}

function optionsOf(kind: Kind, names: string[], width: number, newest: { current: Samples | null }): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line-weak'), width: 1 }, ticks: { show: false }, font: '11px system-ui' }
  return {
    width, height: HEIGHT, legend: { show: false }, cursor: { show: false }, padding: [10, TIME_LABEL / 2, 0, 0],
    scales: {
      x: { range: (_, __, max) => [max - windowOf(newest.current?.time ?? []), max] },
      y: { range: (_, min, max) => (kind.from0 ? [0, Math.max(1, max * 1.15)] : around(min, max)) },
    },
    axes: [{ ...axis, size: 22, space: 70, values: (_, times, __, ___, step) => times.map(time => (step < 60 ? clock : clockMinutes)(time * 1000)) }, { ...axis, size: 46, space: 26 }],
    series: [{}, ...names.map((_, n) => ({ stroke: colour(`--s${n % 6}`), width: 1.5, points: { show: false }, spanGaps: false }))],
    hooks: { draw: [plot => drawActive(plot, names, newest.current, n => colour(`--s${n % 6}`))] },
  }
}

/** A band on top, in the colour of the source that was on. */
function drawActive(plot: uPlot, names: string[], samples: Samples | null, colourOf: (n: number) => string): void {
  if (!samples) return
  const thickness = 3 * devicePixelRatio
  plot.ctx.save()
  for (let at = 1; at < samples.time.length; at++) {
    const n = names.indexOf(samples.active[at] ?? '')
    if (n < 0) continue
    const left = Math.max(plot.bbox.left, plot.valToPos(samples.time[at - 1]! / 1000, 'x', true))
    const right = plot.valToPos(samples.time[at]! / 1000, 'x', true)
    if (right <= left) continue
    plot.ctx.fillStyle = colourOf(n)
    plot.ctx.fillRect(left, plot.bbox.top - 2 * thickness, right - left + 0.5, thickness)
  }
  plot.ctx.restore()
}

function around(min: number, max: number): [number, number] {
  const room = Math.max(10, (max - min) * 0.15)
  return [min - room, max + room]
}

function say({ title, unit, column }: Kind, { sources }: Samples): string {
  return `${title} now: ${sources.map(source => `${source.name} ${Math.round(column(source).at(-1) ?? 0)}`).join(', ')} ${unit}`
}
