// How is the console built and served while it is worked on?

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CHUNKS } from "./build/chunks.ts";

// The running gateway that `make ui-dev` talks to.
const gateway = process.env["DRAGOMAN_GATEWAY"] ?? "http://127.0.0.1:8432";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    manifest: true,
    license: { fileName: ".vite/licences.json" },
    sourcemap: false,
    // What is small goes into the code as a data URL; the policy of the pages lets fonts come from files only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // The first file lists all others: names without words keep it small.
    rolldownOptions: { output: { codeSplitting: CHUNKS, chunkFileNames: "assets/[hash].js" } },
  },
  worker: { format: "es" },
  html: { cspNonce: undefined },
  server: {
    port: 5173,
    strictPort: false,
    // The guides lie beside the console.
    fs: { allow: [".."] },
    // The gateway takes live connections and changes from its own origin only.
    proxy: { "/api": { target: gateway, ws: true, changeOrigin: true, rewriteWsOrigin: true, headers: { origin: gateway } } },
  },
  test: {
    environment: "happy-dom",
    // Times are held against their bounds where nothing else runs.
    env: { VITE_HOLDS_TIMES: process.env["DRAGOMAN_SPEED"] ?? "" },
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.ts"],
  },
});
