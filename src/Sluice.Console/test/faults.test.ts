import { expect, test } from 'vitest'
import { faultOf } from '../src/faults'

test.each([
  ['NetworkError Exception', 'the connection to the server broke'],
  ['manifestLoadError', 'the connection to the server broke'],
  ['manifestLoadError 404', 'nothing is sent there'],
  ['levelLoadError 503', 'the server cannot give it now'],
  ['HttpStatusCodeInvalid 401', 'it may not be watched without a key'],
  ['no picture came', 'no picture came'],
  ['MediaError CodecUnsupported', 'this browser cannot play it'],
  ['bufferAppendError', 'this browser cannot play it'],
  ['whatever a library may say', 'it does not play'],
])('%s: %s', (reason, words) => expect(faultOf(reason)).toBe(words))
