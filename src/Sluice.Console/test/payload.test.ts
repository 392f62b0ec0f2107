import { expect, test } from 'vitest'
import { payloadFault } from '../src/payload'

test.each([['', ''], ['x'.repeat(4096), ''], ['红'.repeat(1365), ''], ['红'.repeat(1366), 'The payload has 4098 bytes as UTF-8; 4096 are the most.']])(
  'a payload is measured in bytes, as the server does', (payload, fault) => expect(payloadFault(payload)).toBe(fault))
