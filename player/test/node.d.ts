/** As much of Node as the tests use. */
declare module 'node:events' {
  export function setMaxListeners(count: number): void
}
