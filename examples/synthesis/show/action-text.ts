import type { JsonObject } from "tutti/foundation";
import type { Action } from "tutti/orchestration";
import { shortText } from "./short-text.ts";

/** What an action changes, in a line: `net: pattern ring instead of chain`. */
export function actionText(action: Action): string {
  switch (action.type) {
    case "reconfigure_supervisor":
      return `${action.variable}: ${shortText(action.to)} instead of ${shortText(action.from)}`;
    case "change_topology":
      return `${action.variable}: ${changes(action.from, action.to)}`;
    case "reallocate":
      return `${action.variable}: ${reallocation(action.from, action.to)}`;
    case "adjust_parameters":
      return `${action.agent}: ${changes(action.from ?? {}, action.to)}`;
    default:
      return `${action.agent}: ${action.type.replaceAll("_", " ")}`;
  }
}

/** The total is told, of the shares only how many: what counts is each beside the others. */
function reallocation(from: JsonObject, { total, ...shares }: JsonObject): string {
  const count = Object.keys(shares).length;
  const words = count === 1 ? "1 share" : `${count} shares`;
  if (total === undefined) return words;
  return [changes(from, { total }), ...(count === 0 ? [] : [words])].join(", ");
}

function changes(from: JsonObject, to: JsonObject): string {
  return Object.entries(to)
    .map(([name, value]) => {
      const before = from[name] === undefined ? "" : ` instead of ${shortText(from[name])}`;
      return `${name} ${shortText(value)}${before}`;
    })
    .join(", ");
}
