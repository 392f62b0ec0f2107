import { expect, test } from 'vitest'
import type { JournalEntry } from '../src/model'
import { sentenceOf } from '../src/sentences'

const entry = (part: Partial<JournalEntry>): JournalEntry =>
  ({ time: '', stream: 'live/show', kind: 'switch', from: null, to: null, reason: null, method: null, detectMs: null, gapMs: null, note: null, ...part })

test.each<[Partial<JournalEntry>, string]>([
  [{ from: 'a', to: 'b', reason: 'silent', detectMs: 412, method: 'lookahead', gapMs: 40 }, 'a fell silent for 412 ms; the output went on with b at a keyframe, no picture lost.'],
  [{ from: 'a', to: 'b', reason: 'closed', detectMs: 20, method: 'merge' }, 'The connection of a was closed; the output went on with b in the same picture, nothing lost.'],
  [{ from: 'a', to: 'b', reason: 'operator', method: 'keyframe', gapMs: 980 }, 'An operator left a for b; the output went on with b at its next keyframe, the next picture 980 ms after the last.'],
  [{ from: 'b', to: 'a', reason: 'return', method: 'replay' }, 'a has been well long enough to return to; the output went on with a by a quick replay, no picture lost.'],
  [{ kind: 'source', to: 'cam 1 failed', reason: 'silent', note: 'nothing came for 4 s' }, 'cam 1 has failed (silent): nothing came for 4 s.'],
  [{ kind: 'push', from: 'cdn-a connected', to: 'cdn-a waiting', reason: 'connection reset' }, 'Push cdn-a lost its connection: connection reset. It will try again.'],
  [{ kind: 'push', from: 'cdn-a connecting', to: 'cdn-a waiting', reason: 'a.example:1935: Connection refused' }, 'Push cdn-a could not connect: a.example:1935: Connection refused. It will try again.'],
  [{ kind: 'dark', from: 'a', reason: 'closed' }, 'The connection of a was closed, and no source could take over: nothing comes in.'],
  [{ kind: 'dark', from: 'a', reason: 'operator' }, 'An operator took a out of choice, and no source could take over: nothing comes in.'],
  [{ kind: 'source', to: 'b absent', reason: 'unreachable', note: 'Connection refused' }, 'b could not be pulled: Connection refused. It is tried again.'],
  [{ kind: 'access', from: '192.0.2.1:5', reason: 'the key is wrong', note: 'publish refused' }, 'Publish refused: 192.0.2.1:5 (the key is wrong).'],
  [{ kind: 'access', from: '192.0.2.1:5', reason: 'operator', note: 'flv viewer closed' }, 'The operator closed a connection (flv viewer): 192.0.2.1:5.'],
  [{ kind: 'source', from: 'a excluded', to: 'a healthy', reason: 'operator' }, 'a was included again by the operator; it is well.'],
  [{ kind: 'source', from: 'a excluded', to: 'a absent', reason: 'closed' }, 'a was included again by the operator; it is gone.'],
  [{ kind: 'push', from: 'cdn-a connected', to: 'cdn-a stopped', reason: 'operator' }, 'Push cdn-a was stopped by the operator.'],
  [{ kind: 'push', from: 'cdn-a stopped', to: 'cdn-a connecting', reason: 'operator' }, 'Push cdn-a was started by the operator.'],
  [{ kind: 'something', to: 'x' }, 'something · x.'],
])('%j', (part, text) => expect(sentenceOf(entry(part)).text).toBe(text))
