import { FIELD_REF, RESOURCE_FIELD_REF } from "./container-shape.ts";
import {
  BOOLEAN,
  INTEGER,
  list,
  object,
  oneOf,
  QUANTITY,
  refused,
  required,
  STRING,
  type ValueOf,
} from "./shape.ts";

const ITEMS = list(object({ key: required(STRING), path: required(STRING), mode: INTEGER }));
const DOWNWARD_ITEMS = list(
  object({
    path: required(STRING),
    mode: INTEGER,
    fieldRef: FIELD_REF,
    resourceFieldRef: RESOURCE_FIELD_REF,
  }),
);

const NO_STORAGE = refused("use a hostPath or an emptyDir");
const NO_TOKEN = refused("there is no API server: leave out the volume and its mounts");

export const VOLUME = object({
  name: required(STRING),
  emptyDir: object({ medium: STRING, sizeLimit: QUANTITY }),
  hostPath: object({
    path: required(STRING),
    type: oneOf(
      "",
      "DirectoryOrCreate",
      "Directory",
      "FileOrCreate",
      "File",
      "Socket",
      "CharDevice",
      "BlockDevice",
    ),
  }),
  configMap: object({
    name: required(STRING),
    items: ITEMS,
    defaultMode: INTEGER,
    optional: BOOLEAN,
  }),
  secret: object({
    secretName: required(STRING),
    items: ITEMS,
    defaultMode: INTEGER,
    optional: BOOLEAN,
  }),
  downwardAPI: object({ items: DOWNWARD_ITEMS, defaultMode: INTEGER }),
  projected: object({
    defaultMode: INTEGER,
    sources: list(
      object({
        configMap: object({ name: required(STRING), items: ITEMS, optional: BOOLEAN }),
        secret: object({ name: required(STRING), items: ITEMS, optional: BOOLEAN }),
        downwardAPI: object({ items: DOWNWARD_ITEMS }),
        serviceAccountToken: NO_TOKEN,
        clusterTrustBundle: NO_TOKEN,
        podCertificate: NO_TOKEN,
      }),
    ),
  }),
  image: object({
    reference: required(STRING),
    pullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  }),
  persistentVolumeClaim: NO_STORAGE,
  ephemeral: NO_STORAGE,
  csi: NO_STORAGE,
  nfs: NO_STORAGE,
  iscsi: NO_STORAGE,
  fc: NO_STORAGE,
  cephfs: NO_STORAGE,
  rbd: NO_STORAGE,
  glusterfs: NO_STORAGE,
  cinder: NO_STORAGE,
  awsElasticBlockStore: NO_STORAGE,
  azureDisk: NO_STORAGE,
  azureFile: NO_STORAGE,
  gcePersistentDisk: NO_STORAGE,
  flexVolume: NO_STORAGE,
  flocker: NO_STORAGE,
  photonPersistentDisk: NO_STORAGE,
  portworxVolume: NO_STORAGE,
  quobyte: NO_STORAGE,
  scaleIO: NO_STORAGE,
  storageos: NO_STORAGE,
  vsphereVolume: NO_STORAGE,
  gitRepo: refused("clone it in an init container, into an emptyDir"),
});

export type VolumeManifest = ValueOf<typeof VOLUME>;
export type KeyItem = ValueOf<typeof ITEMS>[number];
export type DownwardItem = ValueOf<typeof DOWNWARD_ITEMS>[number];
