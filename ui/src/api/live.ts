// What happens now? One WebSocket a workspace carries every topic that some part of the page watches.

import { useEffect, useRef, useSyncExternalStore } from "react";
import { isSignedOut, onSignedIn } from "./client";
import { doubted, onReturn } from "./reachability";

export type Topic = "traffic" | "refusals" | "sessions" | "listeners" | "health" | "activity" | "notifications";

export interface LiveMessage {
  topic: Topic;
  /** RFC 3339. */
  at: string;
  /** An object by listener, name or id, or a list: see the API's `watch_live`. */
  data: unknown;
  /** What did not fit into the message. */
  dropped?: number;
}

/** `connecting` also while it waits to try again. */
export type LiveState = "connecting" | "live" | "ended";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** RFC 6455 section 7.4.1: the session has ended, or the right to watch. */
const NOT_ALLOWED = 1008;

type Listener = (message: LiveMessage) => void;

class Channel {
  state: LiveState = "connecting";
  private socket: WebSocket | undefined;
  private readonly listeners = new Map<Topic, Set<Listener>>();
  readonly watchers = new Set<() => void>();
  private wait = FIRST_WAIT_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly unsubscribe: () => void;

  constructor(private readonly workspace: string) {
    const offReturn = onReturn(() => this.again(0));
    const offSignedIn = onSignedIn(() => this.signedIn());
    this.unsubscribe = () => {
      offReturn();
      offSignedIn();
    };
    this.open();
  }

  /** What had ended with the session goes on with the new one. */
  private signedIn(): void {
    if (this.state === "ended") {
      this.become("connecting");
    }
    this.again(0);
  }

  add(topic: Topic, listener: Listener): void {
    const known = this.listeners.get(topic);
    if (known) {
      known.add(listener);
    } else {
      this.listeners.set(topic, new Set([listener]));
      this.subscribe();
    }
  }

  remove(topic: Topic, listener: Listener): void {
    const known = this.listeners.get(topic);
    known?.delete(listener);
    if (known?.size === 0) {
      this.listeners.delete(topic);
      this.subscribe();
    }
  }

  get isIdle(): boolean {
    return this.listeners.size === 0 && this.watchers.size === 0;
  }

  close(): void {
    this.unsubscribe();
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  private open(): void {
    // Nobody may watch until somebody has signed in again: it is not asked for.
    if (isSignedOut()) {
      return;
    }
    const url = new URL(`/api/v1/workspaces/${encodeURIComponent(this.workspace)}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.subscribe();
      this.become("live");
    };
    socket.onmessage = (event) => this.hear(String(event.data));
    socket.onclose = (event) => {
      if (this.socket !== socket) {
        return;
      }
      this.socket = undefined;
      if (event.code === NOT_ALLOWED) {
        this.become("ended");
        return;
      }
      this.become("connecting");
      if (event.code === 1006) {
        void doubted();
      }
      this.again(this.wait * (0.75 + Math.random() / 2));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
  }

  private again(after: number): void {
    if (this.socket !== undefined || this.state === "ended") {
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), after);
  }

  private become(state: LiveState): void {
    this.state = state;
    this.watchers.forEach((watcher) => watcher());
  }

  private subscribe(): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ subscribe: [...this.listeners.keys()] }));
    }
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as Partial<LiveMessage>;
    if (message.topic !== undefined && message.at !== undefined) {
      this.listeners.get(message.topic)?.forEach((listener) => listener(message as LiveMessage));
    }
  }
}

const channels = new Map<string, Channel>();

function channel(workspace: string): Channel {
  const known = channels.get(workspace) ?? new Channel(workspace);
  channels.set(workspace, known);
  return known;
}

function release(workspace: string): void {
  // The next page may watch the same: the connection is kept a moment.
  setTimeout(() => {
    const known = channels.get(workspace);
    if (known?.isIdle) {
      known.close();
      channels.delete(workspace);
    }
  }, 2_000);
}

/** Calls `listener` with each message of a topic while the part is on the page. */
export function useLive(workspace: string, topic: Topic, listener: Listener, enabled = true): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    const hear: Listener = (message) => latest.current(message);
    channel(workspace).add(topic, hear);
    return () => {
      channels.get(workspace)?.remove(topic, hear);
      release(workspace);
    };
  }, [workspace, topic, enabled]);
}

/** Whether live messages arrive. */
export function useLiveState(workspace: string): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      channel(workspace).watchers.add(watcher);
      return () => {
        channels.get(workspace)?.watchers.delete(watcher);
        release(workspace);
      };
    },
    () => channels.get(workspace)?.state ?? "connecting",
  );
}
