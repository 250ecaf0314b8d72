/** A 32-bit hash of a text (FNV-1a with a final mix); different bases give independent hashes. Not for secrets. */
export function hash32(text: string, basis = 0): number {
  let hash = (0x811c9dc5 ^ Math.imul(basis, 0x9e3779b1)) | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
