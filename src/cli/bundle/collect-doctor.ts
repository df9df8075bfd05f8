import { diagnose } from "../doctor/diagnose.ts";
import { embeddedPlaces } from "../embedded-places.ts";
import { CRISH_VERSION } from "../version.ts";
import type { Collection } from "./collection.ts";

/** The report of `crish doctor -o json`. */
export async function collectDoctor({ context, addData }: Collection): Promise<void> {
  const places = embeddedPlaces(context.env);
  const report = await diagnose(context, { ids: [], registries: [], places });
  addData("doctor.json", { crish: CRISH_VERSION, ...report });
}
