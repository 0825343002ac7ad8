// What does this browser remember for the person: theme, density, columns, what they were writing?

import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "dragoman.";
/** What tells nothing of anybody's work: the same for whoever sits here, and what is left when they go. */
const isShared = (key: string): boolean => key === "appearance" || key.startsWith("table.");

const listeners = new Set<() => void>();
const cache = new Map<string, unknown>();
let person: string | undefined;
/** The page shows what was another person's: until it is loaded anew, nothing is written down. */
let isLeft = false;

/** Where a value is kept; nowhere while it is not known whose it would be. */
export function placeOf(key: string): string | undefined {
  if (isShared(key)) {
    return PREFIX + key;
  }
  return person === undefined ? undefined : `${PREFIX}${person}.${key}`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether what is stored can be taken for the value: other versions and other hands write there as well. */
function fits(value: unknown, otherwise: unknown): boolean {
  if (otherwise === null || otherwise === undefined) {
    return true;
  }
  if (isObject(otherwise)) {
    return isObject(value) && Object.entries(otherwise).every(([name, part]) => fits(value[name], part));
  }
  return typeof value === typeof otherwise && Array.isArray(value) === Array.isArray(otherwise);
}

/** What is remembered; `otherwise` where nothing is, or something of another shape, or what `isRight` does not take. */
export function remembered<T>(key: string, otherwise: T, isRight?: (value: unknown) => boolean): T {
  const place = placeOf(key);
  if (place === undefined) {
    return otherwise;
  }
  if (!cache.has(place)) {
    try {
      const text = localStorage.getItem(place);
      const value: unknown = text === null ? otherwise : JSON.parse(text);
      cache.set(place, text !== null && fits(value, otherwise) && (isRight?.(value) ?? true) ? value : otherwise);
    } catch {
      cache.set(place, otherwise);
    }
  }
  return cache.get(place) as T;
}

export function remember(key: string, value: unknown): void {
  const place = placeOf(key);
  if (place === undefined) {
    return;
  }
  cache.set(place, value);
  try {
    localStorage.setItem(place, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
  listeners.forEach((listener) => listener());
}

/** A value that survives a reload. `otherwise` must be the same object each time. */
export function useRemembered<T>(key: string, otherwise: T, isRight?: (value: unknown) => boolean): [T, (value: T) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => remembered(key, otherwise, isRight),
  );
  return [value, useCallback((next: T) => remember(key, next), [key])];
}

/**
 * From now on this person sits here, or nobody: what is remembered of anybody else is gone for good. Tells whether
 * somebody else sat here until now.
 */
export function belongTo(next: string | undefined): boolean {
  isLeft = next !== undefined && (isLeft || (person !== undefined && person !== next));
  // A page that still shows somebody else's text must not write it down as this person's.
  person = isLeft ? undefined : next;
  const isKept = (place: string): boolean => isShared(place.slice(PREFIX.length)) || (next !== undefined && place.startsWith(`${PREFIX}${next}.`));
  [...cache.keys()].filter((place) => !isKept(place)).forEach((place) => cache.delete(place));
  try {
    const places = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "");
    places.filter((place) => place.startsWith(PREFIX) && !isKept(place)).forEach((place) => localStorage.removeItem(place));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
  listeners.forEach((listener) => listener());
  return isLeft;
}
