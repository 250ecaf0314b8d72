/** Words that say little about a text's subject, in English. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    "a an the i me my we our you your he she it its they them their this that these those is are was were be been " +
    "am do does did have has had will would can could should may of in on at by for with from to as and or but if " +
    "so not no than then there here what which who how when where why just about into"
  ).split(" "),
);
