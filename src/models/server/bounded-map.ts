/** Values by names that strangers choose: their number must not grow with the names. */
export interface BoundedMap<V> {
  /** The value, made where there is none; now the last to go. */
  get(name: string, make: () => V): V;
  /** The value, if there is one. */
  peek(name: string): V | undefined;
}

/** Of more than `max` values the one unused the longest goes; one that may not go stays. */
export function boundedMap<V>(max: number, mayGo: (value: V) => boolean): BoundedMap<V> {
  const values = new Map<string, V>();
  return {
    peek: (name) => values.get(name),
    get(name, make) {
      const value = values.get(name) ?? make();
      values.delete(name);
      if (values.size >= max)
        for (const [oldest, other] of values)
          if (mayGo(other)) {
            values.delete(oldest);
            break;
          }
      values.set(name, value);
      return value;
    },
  };
}
