import { isPlainObject } from "../../json.ts";
import type { Report } from "./wire.ts";

/** Whether what a process said is what our code says there: for a process that is not trusted. */
export function isReports(batch: unknown): batch is readonly Report[] {
  return Array.isArray(batch) && batch.every(isReport);
}

function isReport(report: unknown): boolean {
  if (!isPlainObject(report)) return false;
  if (report["type"] === "beat") return true;
  if (typeof report["agent"] !== "number") return false;
  switch (report["type"]) {
    case "started":
      return report["description"] === undefined || isDescription(report["description"]);
    case "start_failed":
      return isError(report["error"]);
    case "reply":
      return typeof report["call"] === "number";
    case "reply_failed":
      return typeof report["call"] === "number" && isError(report["error"]);
    case "handled":
      return typeof report["count"] === "number";
    case "exited":
      return isReason(report["reason"]);
    default:
      return false;
  }
}

function isDescription(description: unknown): boolean {
  return (
    isPlainObject(description) &&
    typeof description["name"] === "string" &&
    isPlainObject(description["mailbox"]) &&
    typeof description["trapsExits"] === "boolean"
  );
}

/** How many causes and reasons may lie within each other: low, because each error may hold two that are the same. */
const maxDepth = 24;

function isReason(reason: unknown, depth: number = maxDepth): boolean {
  if (!isPlainObject(reason) || depth === 0) return false;
  if (reason["kind"] === "crash") return isError(reason["error"], depth - 1);
  return ["normal", "killed", "noproc", "shutdown"].includes(reason["kind"] as string);
}

function isError(error: unknown, depth: number = maxDepth): boolean {
  if (!isPlainObject(error) || depth === 0) return false;
  if (error["isError"] !== true) return error["isError"] === false;
  const { name, message, reason, cause } = error;
  return (
    typeof name === "string" &&
    typeof message === "string" &&
    (reason === undefined || isReason(reason, depth - 1)) &&
    (cause === undefined || isError(cause, depth - 1))
  );
}
