import type { Module } from "../module.ts";
import { chainOfThoughtModule } from "./chain-of-thought.ts";
import { predictModule } from "./predict.ts";

/** The built-in modules that ask a model for the outputs of their stage. */
export const askingModules: readonly Module[] = [predictModule, chainOfThoughtModule];
