// How do people come in: the first admin, by invitation, by registration, with a forgotten password?

import { answer, api, type Schemas } from "./client";
import { queryClient } from "./queries";
import { signIn, taken, type Session } from "./session";

export type InvitationLook = Schemas["InvitationLook"];

/** The first admin, by the link that was printed at the start. */
export async function setUp(token: string, person: Schemas["NewcomerDraft"]): Promise<Session> {
  return taken(await answer(api.POST("/api/v1/setup", { body: { token, person } })));
}

/** A new account, and its first session; with an invitation it joins that workspace. */
export async function register(draft: Schemas["RegistrationDraft"]): Promise<Session> {
  await answer(api.POST("/api/v1/registration", { body: draft }));
  return signIn({ email: draft.email, password: draft.password });
}

export const lookAtInvitation = (token: string): Promise<InvitationLook> => answer(api.POST("/api/v1/invitations/look", { body: { token } }));

export async function acceptInvitation(token: string): Promise<Schemas["WorkspaceView"]> {
  const workspace = await answer(api.POST("/api/v1/invitations/accept", { body: { token } }));
  await queryClient.invalidateQueries({ queryKey: ["workspaces"] });
  return workspace;
}

/** Answers the same whether there is such an account or not. */
export const askForPasswordReset = (email: string): Promise<unknown> => answer(api.POST("/api/v1/password-reset", { body: { email } }));

export const resetPassword = (token: string, password: string): Promise<unknown> => answer(api.POST("/api/v1/password-reset/confirmation", { body: { token, password } }));

export async function confirmEmail(token: string): Promise<Schemas["PersonView"]> {
  const person = await answer(api.POST("/api/v1/profile/email/confirmation", { body: { token } }));
  await queryClient.invalidateQueries({ queryKey: ["session"] });
  return person;
}

/** Where a service signs people in: the browser goes there and comes back signed in. */
export const serviceSignIn = (service: string, invitation?: string): string =>
  `/api/v1/sign-in/${encodeURIComponent(service)}${invitation ? `?invitation=${encodeURIComponent(invitation)}` : ""}`;
