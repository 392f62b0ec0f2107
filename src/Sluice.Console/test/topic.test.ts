import { expect, test } from 'vitest'
import { topicOf } from '../src/topic'

test.each([['', ''], ['#/', ''], ['#/live/show', 'live/show'], ['#/live/%E7%BA%A2', 'live/红'], ['#/50%', '50%']])('%s is %s', (hash, topic) => expect(topicOf(hash)).toBe(topic))
