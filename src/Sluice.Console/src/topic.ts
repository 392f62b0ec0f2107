/** The stream that the address names (`#/live/show`); empty: the list of all. What is no encoding is taken as it stands: a stream of that name there is not, and the page says so. */
export function topicOf(hash: string): string {
  const place = hash.replace(/^#\/?/, '')
  try {
    return decodeURIComponent(place)
  } catch {
    return place
  }
}
