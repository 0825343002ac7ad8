// Which habits does the console's code keep?

import accessibility from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", "node_modules", "test-results", "src/api/schema.d.ts"] },
  typescript.configs.recommended,
  { files: ["src/**/*.{ts,tsx}"], ...accessibility.flatConfigs.recommended },
  { files: ["src/**/*.{ts,tsx}"], plugins: { "react-hooks": hooks }, rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" } },
  {
    files: ["src/**/*.{ts,tsx}", "e2e/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "things are exported by their names" }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      // A dialog that was asked for takes the focus.
      "jsx-a11y/no-autofocus": "off",
      "jsx-a11y/label-has-associated-control": ["error", { assert: "either" }],
      // Blocks that scroll by themselves have to be reachable by the keyboard (WCAG 2.1.1).
      "jsx-a11y/no-noninteractive-tabindex": "off",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/api/**"],
    rules: {
      "no-restricted-globals": ["error", { name: "fetch", message: "only src/api asks the server" }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "things are exported by their names" }, { selector: "Literal[value=/^\\/api\\//]", message: "only src/api knows the API's paths" }],
    },
  },
  { files: ["src/ui/**"], rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["~/pages/*", "~/shell/*", "~/parts/*"], message: "src/ui knows nothing of the product" }] }] } },
);
