import { expect, test } from 'vitest'
import { cueTime, timeFault, type When } from '../src/cue-time'

/** As the operator's clock shows it, wherever the test runs. */
const at = (day: number, clock: string) => new Date(`2026-11-${day}T${clock}`)

test.each<[When, Date, Date | null]>([
  [{ kind: 'now' }, at(23, '20:00:00'), null],
  [{ kind: 'in', seconds: 6 }, at(23, '20:00:00'), at(23, '20:00:06')],
  [{ kind: 'at', clock: '20:15:30' }, at(23, '20:00:00'), at(23, '20:15:30')],
  [{ kind: 'at', clock: '00:10' }, at(23, '23:50:00'), at(24, '00:10:00')],
  [{ kind: 'at', clock: '23:50:00' }, at(24, '00:10:00'), at(23, '23:50:00')],
])('%j', (when, now, time) => expect(cueTime(when, now.toISOString())).toEqual(time))

test.each<[When, string]>([
  [{ kind: 'now' }, ''],
  [{ kind: 'in', seconds: 3600 }, ''],
  [{ kind: 'in', seconds: 3601 }, 'A cue can be an hour ahead at most.'],
  [{ kind: 'in', seconds: NaN }, 'In how many seconds?'],
  [{ kind: 'at', clock: '' }, 'At what time?'],
  [{ kind: 'at', clock: '19:59:59' }, 'That time has passed.'],
  [{ kind: 'at', clock: '21:30' }, 'A cue can be an hour ahead at most.'],
])('%j: %s', (when, fault) => expect(timeFault(when, at(23, '20:00:00').toISOString())).toBe(fault))
