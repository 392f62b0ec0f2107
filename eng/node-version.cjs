// Ends with 1, and says why, where node is older than what builds and tests the scripts: Vite's and Vitest's own bounds.
const [major, minor] = process.versions.node.split('.').map(Number)
if (!(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))) {
  console.log(`node ${process.versions.node} is too old: it takes 20.19 or 22.12, or a later one`)
  process.exit(1)
}
