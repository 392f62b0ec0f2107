import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { encodeCmcd, token } from '../src/cmcd'
import { Reports, type Measures } from '../src/reports'

const MEASURES: Measures = { format: 'o', lowLatency: true, bufferMs: 812, latencyMs: 2290, dropped: 0, rate: 1 }

beforeEach(() => { vi.useFakeTimers({ now: 1795350011697 }) })
afterEach(() => { vi.useRealTimers() })

test.each([
  // @svta/cml-cmcd 2.7.0
  [{ cid: 'faec5fc2', e: token('ps'), msd: 640, sf: token('h'), sid: '6e2fb550', sn: 2, st: token('ll'), sta: token('p'), ts: 1795350011697, v: 2 },
    'cid="faec5fc2",e=ps,msd=640,sf=h,sid="6e2fb550",sn=2,st=ll,sta=p,ts=1795350011697,v=2'],
  [{ v: 2, ts: 1795350011698, sta: token('r'), st: token('ll'), sn: 4, sid: '6e2fb550', sf: token('h'), ec: ['bufferStalledError'], e: token('e'), cid: 'faec5fc2' },
    'cid="faec5fc2",e=e,ec=("bufferStalledError"),sf=h,sid="6e2fb550",sn=4,st=ll,sta=r,ts=1795350011698,v=2'],
  [{ bl: [21300], bs: true, bsa: [2], cdn: 'cdn-a', d: 4004, nr: false, su: undefined }, 'bl=(21300),bs,bsa=(2),cdn="cdn-a",d=4004'],
  [{ cid: 'say "x" \\ y\n' }, 'cid="say \\"x\\" \\\\ y?"'],
])('a report is written as the reference writes it: %#', (report, text) => expect(encodeCmcd(report)).toBe(text))

test('a session is told from start to quit', async () => {
  const sent: string[] = []
  const reports = new Reports({ url: '/cmcd', contentId: 'live/show', sessionId: 's1' }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  await vi.advanceTimersByTimeAsync(640)
  reports.enter('p')
  reports.enter('p')
  await vi.advanceTimersByTimeAsync(1000)
  reports.enter('r')
  await vi.advanceTimersByTimeAsync(500)
  reports.enter('p')
  reports.close()
  await vi.advanceTimersByTimeAsync(60_000)

  expect(sent[0]).toBe('bl=(800),cid="live/show",e=ps,ltc=2300,sf=o,sid="s1",sn=0,st=ll,sta=s,ts=1795350011697,v=2')
  expect(sent.map(line => /sta=(\w)/.exec(line)![1]).join('')).toBe('sprpq')
  expect(sent.map(line => /msd=\d+/.exec(line)?.[0])).toEqual([undefined, 'msd=640', undefined, undefined, undefined])
  expect(sent[2]).toContain('bs,bsa=(1)')
  expect(sent[3]).toContain('bsda=(500)')
})

test('what is measured is told in the words of the standard', async () => {
  const sent: string[] = []
  let measures: Measures = { ...MEASURES, dropped: 4, shownAt: 1795350009407.6, rate: 1.1, bitrateKbps: 812.4 }
  const reports = new Reports({ url: '/cmcd', sessionId: 's1' }, () => measures, async (_, body) => { sent.push(body); return { status: 204 } })
  await vi.advanceTimersByTimeAsync(0)
  expect(sent[0]).toBe('bl=(800),br=(812),dfa=4,e=ps,ltc=2300,pr=1.1,pt=1795350009408,sf=o,sid="s1",sn=0,st=ll,sta=s,ts=1795350011697,v=2')
  measures = { ...measures, rate: 1, shownAt: undefined }
  reports.enter('p')
  await vi.advanceTimersByTimeAsync(0)
  expect(sent[1]).not.toMatch(/p[rt]=/)
})

test('without a word of the page an interval is that of the standard', async () => {
  const sent: string[] = []
  new Reports({ url: '/cmcd', events: ['t'] }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  await vi.advanceTimersByTimeAsync(29_900)
  expect(sent).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(100)
  expect(sent).toHaveLength(1)
})

test('start-up time is told once, by what is told first', async () => {
  const sent: string[] = []
  const reports = new Reports({ url: '/cmcd', interval: 1000, events: ['t'] }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  await vi.advanceTimersByTimeAsync(300)
  for (const state of ['p', 'r', 'p'] as const) reports.enter(state)
  await vi.advanceTimersByTimeAsync(3000)
  expect(sent.map(line => /msd=\d+/.exec(line)?.[0])).toEqual(['msd=300', undefined, undefined])
})

test('each interval is told, and nothing more after 410', async () => {
  let status = 204
  const sent: string[] = []
  new Reports({ url: '/cmcd', sessionId: 's1', interval: 1000 }, () => MEASURES, async (_, body) => { sent.push(body); return { status } })
  await vi.advanceTimersByTimeAsync(2000)
  expect(sent.map(line => /e=(\w+)/.exec(line)![1])).toEqual(['ps', 't', 't'])
  status = 410
  await vi.advanceTimersByTimeAsync(1000)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toHaveLength(4)
})

test('what was not taken goes with the next report, a line for each', async () => {
  let answer: () => Promise<{ status: number }> = async () => ({ status: 503 })
  const sent: string[] = []
  new Reports({ url: '/cmcd', sessionId: 's1', interval: 1000 }, () => MEASURES, async (_, body) => { sent.push(body); return answer() })
  await vi.advanceTimersByTimeAsync(0)
  answer = () => Promise.reject(new TypeError('no network'))
  await vi.advanceTimersByTimeAsync(1000)
  answer = async () => ({ status: 204 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent.at(-1)!.split('\n').map(line => /sn=(\d+)/.exec(line)![1])).toEqual(['0', '1', '2'])
})

test('of what servers answered each failure and one good answer of a kind in two seconds is told, without keys, with the next report', async () => {
  const sent: string[] = []
  const reports = new Reports({ url: '/cmcd', sessionId: 's1', interval: 10_000 }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  await vi.advanceTimersByTimeAsync(0)
  const at = Date.now()
  for (let part = 0; part < 30; part++) {
    reports.received({ url: 'https://h/live/show.hls/media.m3u8', status: 200, at: at + part * 100, lastByteMs: 300, object: 'm' })
    reports.received({ url: `https://h/live/show.hls/1.${part}.m4s?key=k`, status: 200, at: at + part * 100, firstByteMs: 3.4, lastByteMs: 12, object: 'av' })
    await vi.advanceTimersByTimeAsync(100)
  }
  reports.received({ url: 'https://h/live/show.hls/media.m3u8', status: 503, at: at + 2950, object: 'm' })
  reports.received({ url: 'https://h/live/show.hls/media.m3u8', status: 0, at: at + 2960, object: 'm' })
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(7000)
  expect(sent).toHaveLength(2)
  const lines = sent[1]!.split('\n')
  expect(lines.map(line => `${/e=(\w+)/.exec(line)![1]} ${/rc=(\d+)/.exec(line)?.[1] ?? ''}`)).toEqual(['rr 200', 'rr 200', 'rr 200', 'rr 200', 'rr 503', 'rr 0', 't '])
  expect(lines[3]).toContain(`ot=av,rc=200,sf=o,sid="s1",sn=4,st=ll,sta=s,ts=${at + 2000},ttfb=3,ttlb=12,url="https://h/live/show.hls/1.20.m4s",v=2`)
})

test('only what is wished for is told', async () => {
  const sent: string[] = []
  const reports = new Reports({ url: '/cmcd', interval: 1000, events: ['t'] }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  reports.enter('p')
  reports.error('x')
  reports.received({ url: 'https://h/a', status: 404, at: 0, object: 'm' })
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent).toEqual([expect.stringContaining('e=t,')])
})

test('a connection that stays is told, however soon after another', async () => {
  const sent: string[] = []
  const reports = new Reports({ url: '/cmcd', interval: 1000 }, () => MEASURES, async (_, body) => { sent.push(body); return { status: 204 } })
  reports.received({ url: 'wss://h/live/show.flv', status: 101, at: Date.now(), firstByteMs: 20, object: 'av' })
  reports.received({ url: 'https://h/live/show.flv', status: 200, at: Date.now() + 100, firstByteMs: 20, object: 'av' })
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent.join('\n').match(/rc=\d+/g)).toEqual(['rc=101', 'rc=200'])
})
