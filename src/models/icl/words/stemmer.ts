const lowerLatin = /^[a-z]+$/;
const vowel = /[aeiouy]/;

/**
 * The stem of a lower-case English word: -ies and -ied become -y, -ing, -ed and -s go, then a doubled consonant and
 * a final -e. Words of up to three letters and other alphabets stay as they are.
 */
export function stem(word: string): string {
  if (word.length <= 3 || !lowerLatin.test(word)) return word;
  const bare = withoutEnding(word);
  return bare.length > 3 && bare.endsWith("e") ? bare.slice(0, -1) : bare;
}

function withoutEnding(word: string): string {
  if (word.length > 4 && (word.endsWith("ies") || word.endsWith("ied"))) return `${word.slice(0, -3)}y`;
  if (word.endsWith("ing")) return withoutSuffix(word, 3);
  if (word.endsWith("ed")) return withoutSuffix(word, 2);
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

function withoutSuffix(word: string, length: number): string {
  const bare = word.slice(0, -length);
  if (bare.length < 3 || !vowel.test(bare)) return word;
  return /([bdfgkmnprt])\1$/.test(bare) ? bare.slice(0, -1) : bare;
}
