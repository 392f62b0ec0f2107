// mpegts.js comes as a script that sets a global.
export default globalThis.mpegts
