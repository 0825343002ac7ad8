// What belongs to the person: profile, password, linked accounts, where they are signed in?

import { queryOptions } from "@tanstack/react-query";
import { answer, api, request, versioned, type Schemas } from "./client";
import { queryClient } from "./queries";
import { forgetPerson } from "./session";

export type Profile = Schemas["ProfileView"];
export type SignedIn = Schemas["SignedInView"];
export type LinkedAccount = Schemas["IdentityView"];

export const profileQuery = queryOptions({ queryKey: ["profile"], queryFn: () => versioned(api.GET("/api/v1/profile")) });

export const signedInQuery = queryOptions({ queryKey: ["signed-in"], queryFn: async () => (await answer(api.GET("/api/v1/sessions", { params: { query: { limit: 100 } } }))).items });

export const linkedAccountsQuery = queryOptions({ queryKey: ["linked-accounts"], queryFn: async () => (await answer(api.GET("/api/v1/profile/identities"))).items });

/** `etag` is the version that was read: nobody overwrites what was changed elsewhere meanwhile. */
export async function changeProfile(change: Schemas["ProfileChange"], etag: string): Promise<Profile> {
  const profile = await answer(api.PATCH("/api/v1/profile", { params: { header: { "If-Match": etag } }, body: change }));
  await Promise.all([queryClient.invalidateQueries({ queryKey: ["profile"] }), queryClient.invalidateQueries({ queryKey: ["session"] })]);
  return profile;
}

/** Sends a link to the address; it counts once that was opened. */
export const changeEmail = (email: string): Promise<unknown> => answer(api.POST("/api/v1/profile/email", { body: { email } }));

export async function changePassword(change: Schemas["PasswordChange"]): Promise<void> {
  await answer(api.POST("/api/v1/profile/password", { body: change }));
  await Promise.all([queryClient.invalidateQueries({ queryKey: ["profile"] }), queryClient.invalidateQueries({ queryKey: ["signed-in"] })]);
}

export type BegunFactor = Schemas["BegunSecondFactor"];

export const beginFactor = (password: string): Promise<BegunFactor> => answer(api.POST("/api/v1/profile/second-factor", { body: { password } }));

/** What changes the second factor: with a code alone it holds from now on, with the password as well its codes are renewed. Gives the recovery codes. */
export async function recoveryCodes(code: string, password?: string): Promise<string[]> {
  const made = await answer(password === undefined ? api.POST("/api/v1/profile/second-factor/confirmation", { body: { code } }) : api.POST("/api/v1/profile/second-factor/recovery-codes", { body: { code, password } }));
  await Promise.all([queryClient.invalidateQueries({ queryKey: ["profile"] }), queryClient.invalidateQueries({ queryKey: ["signed-in"] })]);
  return made.recovery_codes;
}

export async function removeFactor(code: string, password: string): Promise<void> {
  await answer(api.POST("/api/v1/profile/second-factor/removal", { body: { code, password } }));
  await queryClient.invalidateQueries({ queryKey: ["profile"] });
}

/** Where the browser has to go to link an account of a service. */
export const beginLink = async (service: string): Promise<string> => (await answer(api.POST("/api/v1/profile/identities", { body: { service } }))).url;

export async function unlink(identity: string): Promise<void> {
  await answer(api.DELETE("/api/v1/profile/identities/{identity}", { params: { path: { identity } } }));
  await queryClient.invalidateQueries({ queryKey: ["linked-accounts"] });
}

export async function endSession(session: string): Promise<void> {
  await answer(api.DELETE("/api/v1/sessions/{session}", { params: { path: { session } } }));
  await queryClient.invalidateQueries({ queryKey: ["signed-in"] });
}

export async function endOtherSessions(): Promise<void> {
  await answer(api.DELETE("/api/v1/sessions"));
  await queryClient.invalidateQueries({ queryKey: ["signed-in"] });
}

/** Everything that is kept of the person, as a file. */
export const exportProfile = async (): Promise<Blob> => (await request("/api/v1/profile/export")).blob();

/** Ends the account; `email` is what the person typed. */
export async function eraseProfile(email: string): Promise<void> {
  await answer(api.DELETE("/api/v1/profile", { params: { query: { confirm: email } } }));
  forgetPerson();
}
