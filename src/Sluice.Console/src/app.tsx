import { useEffect, useRef, useState } from 'preact/hooks'
import { KEYS_WANTED } from './api'
import { Keys } from './parts/keys'
import { QuestionBox } from './parts/question-box'
import { Top } from './parts/top'
import { StreamPage } from './pages/stream'
import { StreamsPage } from './pages/streams'
import { topicOf } from './topic'
import { useFeed } from './use-feed'

/** One page at a time, by the address: all streams, or one. */
export function App() {
  const [topic, setTopic] = useState(topicOf(location.hash))
  const [keysChanged, setKeysChanged] = useState(0)
  const [wantsKeys, setWantsKeys] = useState(false)
  const known = useFeed(topic, keysChanged)
  const onKeep = () => {
    setWantsKeys(false)
    setKeysChanged(count => count + 1)
  }

  useEffect(() => {
    const onHash = () => {
      setTopic(topicOf(location.hash))
      setWantsKeys(false)
      scrollTo(0, 0)
    }
    const onWanted = () => setWantsKeys(true)
    addEventListener('hashchange', onHash)
    addEventListener(KEYS_WANTED, onWanted)
    return () => {
      removeEventListener('hashchange', onHash)
      removeEventListener(KEYS_WANTED, onWanted)
    }
  }, [])
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = topic ? `${topic} · Sluice` : 'Sluice'
    // A page that follows another begins at its heading, for those who hear it, too.
    if (!isFirst.current) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [topic])

  return (
    <>
      <a class="skip" href="#content" onClick={event => { event.preventDefault(); document.getElementById('content')?.focus() }}>To the content</a>
      <Top topic={topic} known={known} />
      <main id="content" tabIndex={-1} class={known.staleMs ? 'stale' : ''}>
        {known.feed.kind === 'refused' ? <Keys status={known.feed.status} why={known.feed.why} onKeep={onKeep} />
          : wantsKeys ? <Keys status={401} why="a play key is asked for" onKeep={onKeep} />
          : topic === '' ? <StreamsPage known={known} /> : <StreamPage key={`${topic} ${keysChanged}`} name={topic} known={known} />}
      </main>
      <QuestionBox key={topic} />
    </>
  )
}
