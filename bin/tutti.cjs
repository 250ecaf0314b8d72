#!/usr/bin/env node
// Starts the command line on a Node that is new enough. In ES5, so that old ones can read it and say what to do.
"use strict";

const childProcess = require("child_process");
const fs = require("fs");
const path = require("path");

const oldest = 24;
const root = path.join(__dirname, "..");
const built = path.join(root, "dist", "cli", "main.js");
const source = path.join(root, "src", "cli", "main.ts");

function isNewEnough(version) {
  return parseInt(version, 10) >= oldest;
}

/** The Node of the npm package "node", looked for upwards from here and from the working directory. */
function findNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const starts = [__dirname, process.cwd()];
  if (process.env.TUTTI_NODE) return process.env.TUTTI_NODE;
  for (let i = 0; i < starts.length; i++) {
    let directory = starts[i];
    for (;;) {
      const candidate = path.join(directory, "node_modules", "node", "bin", name);
      if (fs.existsSync(candidate)) return candidate;
      const parent = path.dirname(directory);
      if (parent === directory) break;
      directory = parent;
    }
  }
  return undefined;
}

function versionOf(node) {
  const answer = childProcess.spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : "it does not start";
}

/** Runs Node with our own streams, passes signals on and ends as it ends. */
function become(node, words) {
  const env = Object.assign({}, process.env, { TUTTI_LAUNCHER: __filename });
  const child = childProcess.spawn(node, words, { stdio: "inherit", env: env });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on("error", function (error) {
    giveUp("cannot start " + node + ": " + error.message);
  });
  child.on("exit", function (code, signal) {
    if (signal === null) process.exit(code);
    signals.forEach(function (each) {
      process.removeAllListeners(each);
    });
    process.kill(process.pid, signal);
  });
}

function giveUp(message) {
  process.stderr.write("error: " + message + "\n");
  process.exit(78);
}

function start() {
  const isBuilt = fs.existsSync(built);
  if (!isBuilt && !fs.existsSync(source)) return giveUp("this copy of tutti is incomplete: " + built + " is missing");
  const words = (isBuilt ? [built] : ["--conditions=tutti-source", source]).concat(process.argv.slice(2));
  if (isNewEnough(process.versions.node)) {
    if (!isBuilt) return become(process.execPath, words);
    process.env.TUTTI_LAUNCHER = __filename;
    return require(built);
  }
  const node = findNode();
  if (node === undefined)
    return giveUp(
      "tutti needs Node " +
        oldest +
        " or newer, this is " +
        process.versions.node +
        ". Update Node, or run\n" +
        "  npm install --save-dev node@" +
        oldest +
        "\n" +
        "beside it, or name a newer one in TUTTI_NODE. npm 12 and newer run no install scripts unless they are approved:\n" +
        'add "allowScripts": {"node": true} to your package.json before that command.',
    );
  const version = versionOf(node);
  if (!isNewEnough(version)) return giveUp(node + " is no Node of version " + oldest + " or newer (" + version + ")");
  become(node, words);
}

start();
