import { useState } from 'preact/hooks'
import { keys } from '../api'

/** Asks for the keys that the server wants; they are kept until the browser tab is closed. */
export function Keys({ status, why, onKeep }: { status: number; why: string; onKeep: () => void }) {
  const [api, setApi] = useState(keys.api)
  const [play, setPlay] = useState(keys.play)
  const port = location.port || (location.protocol === 'https:' ? '443' : '80')
  const local = `${location.protocol}//localhost:${port}/console/${location.hash}`
  if (status === 403) {
    return (
      <section class="panel narrow">
        <h1>The server does not let this machine in</h1>
        <p>It says: {why}.</p>
        <p>If this browser runs on the server's own machine, open <a href={local}>{local}</a>. From another machine, let a tunnel lead there (<code>ssh -L 8080:localhost:{port} HOST</code>, then <code>http://localhost:8080/console/</code>),
          or set <code>access: {'{'} api: key, apiKey: … {'}'}</code> in the server's configuration.</p>
        <button type="button" onClick={onKeep}>Try again</button>
      </section>
    )
  }
  return (
    <form class="panel narrow" onSubmit={event => { event.preventDefault(); keys.keep(api, play); onKeep() }}>
      <h1>The server asks for a key</h1>
      <p role="alert">It says: {why}.</p>
      <label>API key, if the API asks for one <input type="password" autocomplete="off" value={api} onInput={event => setApi(event.currentTarget.value)} /></label>
      <label>Play key, if the streams need one <input type="password" autocomplete="off" value={play} onInput={event => setPlay(event.currentTarget.value)} /></label>
      <p class="hint">Both are forgotten when this tab is closed.</p>
      <button type="submit" class="primary">Open the console</button>
    </form>
  )
}
