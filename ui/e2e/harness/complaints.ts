// What did the browser complain of, and was it to be expected?

import type { ConsoleMessage, Page, Response } from "@playwright/test";

interface Expected {
  path: RegExp;
  status: number;
}

/** Everything a page should not say: errors, violations of its policy, requests that fail. */
export class Complaints {
  readonly heard: string[] = [];
  private readonly expected: Expected[] = [];
  private isAway = false;

  /** An answer that is part of the test, such as a refusal. */
  expect(path: RegExp, status: number): void {
    this.expected.push({ path, status });
  }

  /** From here on the server is gone: that requests fail is what is tested. */
  expectAway(): void {
    this.isAway = true;
  }

  async watch(page: Page): Promise<void> {
    page.on("console", (message) => this.onConsole(message));
    page.on("pageerror", (error) => this.heard.push(`error: ${error.stack ?? error.message}`));
    page.on("response", (response) => this.onResponse(response));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // Who leaves a page gives up its requests.
      if (why !== "net::ERR_ABORTED" && !this.isAway) {
        this.heard.push(`failed: ${request.method()} ${request.url()}: ${why}`);
      }
    });
    // Told apart from the console: not every violation is written there.
    await page.exposeBinding("tellViolation", (_, text: string) => this.heard.push(`policy: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const tell: unknown = Reflect.get(window, "tellViolation");
        if (typeof tell === "function") {
          tell(`${event.effectiveDirective} stopped ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
        }
      });
    });
  }

  private isExpected(url: string, status?: number): boolean {
    return this.expected.some((one) => one.path.test(url) && (status === undefined || one.status === status));
  }

  private onResponse(response: Response): void {
    if (response.status() >= 400 && !this.isExpected(response.url(), response.status()) && !this.isAway) {
      this.heard.push(`answer: ${response.status()} for ${response.request().method()} ${response.url()}`);
    }
  }

  private onConsole(message: ConsoleMessage): void {
    if (message.type() !== "error" && message.type() !== "warning") {
      return;
    }
    // The browser writes each failed request there too; those are judged above.
    const isOfRequest = /^Failed to load resource|WebSocket connection to/.test(message.text());
    const url = /^WebSocket connection to '([^']+)'/.exec(message.text())?.[1] ?? message.location().url;
    if (isOfRequest && (this.isAway || this.isExpected(url))) {
      return;
    }
    this.heard.push(`console ${message.type()}: ${message.text()}`);
  }
}
