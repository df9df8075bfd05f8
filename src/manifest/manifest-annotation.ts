/** The manifest that a pod was made from, as JSON: tells the pods that apply has made from others. */
export const MANIFEST_ANNOTATION = "crish.io/manifest";
